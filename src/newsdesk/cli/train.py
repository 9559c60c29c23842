"""Train, measure on unseen rows, write a run folder.

DATA is a table with a text column and a label column (CSV, TSV, JSON, Parquet, Feather), a fastText
file, a folder with one folder per class, or any of these as .gz or in a .zip; or one of the known
sets huffpost, huffpost-v3, bbc and sample. What is not named is guessed, and said.

For example:
  newsdesk train articles.csv
  newsdesk train articles.csv --text headline,description --label section
  newsdesk train huffpost --labels huffpost-34 --family linear,prior
  newsdesk train train.csv --test test.csv --set C=0.3 --out runs/mine
  newsdesk train articles.csv --budget 10m --prefer speed
  newsdesk train articles.csv --family static --teacher hybrid --unlabelled more.csv
  newsdesk train articles.csv --with-feedback feedback.db
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from newsdesk.cli import console, options

__all__ = ["train"]

_HOME = Path("runs")


def train(
    data: options.Data,
    text: options.Text = None,
    label: options.Label = None,
    labels: options.Labels = None,
    family: Annotated[
        str | None,
        typer.Option(
            "--family",
            metavar="NAME,…",
            help="Families to train; the one with the best valid macro-F1 is delivered.  "
            "[default: linear, or with --budget what is installed]",
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            metavar="TIME",
            help="Climb from cheap families to dear ones within so much time: 90s, 10m, 1h30m.",
        ),
    ] = None,
    prefer: Annotated[
        Literal["accuracy", "speed", "size"],
        typer.Option(
            "--prefer", help="With --budget: of families that are as good, deliver which."
        ),
    ] = "accuracy",
    teacher: Annotated[
        str | None,
        typer.Option(
            "--teacher",
            metavar="NAME,…|BUNDLE",
            help="Have the families learn what another one answers: a family, trained out of fold, "
            "the mixture of several, or a bundle.  Its settings: --set teacher.KEY=VALUE.",
        ),
    ] = None,
    unlabelled: Annotated[
        str | None,
        typer.Option(
            "--unlabelled",
            metavar="FILE",
            help="Texts without label to learn from the teacher, with the same text columns.",
        ),
    ] = None,
    teacher_share: Annotated[
        float | None,
        typer.Option(
            "--teacher-share",
            metavar="SHARE",
            help="Weight of the teacher against the label of a row, 0 to 1.  [default: 0.7]",
        ),
    ] = None,
    teacher_words: Annotated[
        bool,
        typer.Option(
            "--teacher-words",
            help="Learn from the teacher what each word of the train rows tells alone, too.",
        ),
    ] = False,
    with_feedback: Annotated[
        str | None,
        typer.Option(
            "--with-feedback",
            metavar="DB",
            help="Train on the accepted corrections of a store too: a SQLite file, or its URL.",
        ),
    ] = None,
    split: options.Split = None,
    test: options.Test = None,
    classes: options.Classes = None,
    rows: options.Rows = None,
    seed: options.Seed = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A setting of the family, see 'newsdesk families NAME'; may be repeated.",
        ),
    ] = None,
    clean: options.Clean = None,
    refit: Annotated[
        bool | None,
        typer.Option(
            "--refit/--no-refit",
            help="Fit once more on train and valid together after calibration.  [default: yes, "
            "but not for families that train in epochs]",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The output folder.  [default: runs/NAME]"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the output folder if it exists.")
    ] = False,
    near_duplicates: Annotated[
        bool,
        typer.Option(
            "--near-duplicates/--no-near-duplicates",
            help="Look for texts that differ by little; without, only exact copies are known.",
        ),
    ] = True,
    fail_on_leak: Annotated[
        bool,
        typer.Option(
            "--fail-on-leak", help="Stop if an exact copy of a test row stands in train or valid."
        ),
    ] = False,
    tensorboard: Annotated[
        bool,
        typer.Option("--tensorboard", help="Write training curves for TensorBoard too."),
    ] = False,
    on_bad_row: options.OnBadRow = "error",
    quarantine: options.Quarantine = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Train, measure, write a run folder; say what came out."""
    if split is not None and test is not None:
        raise typer.BadParameter("--split and --test exclude each other.")
    from newsdesk import ladder
    from newsdesk.bundle import Cleaner
    from newsdesk.cli import results
    from newsdesk.cli.progress import progress

    run = ladder.train(
        data,
        family=options.names(family),
        budget=budget,
        prefer=prefer,
        teacher=options.names(teacher),
        unlabelled=unlabelled,
        teacher_share=teacher_share,
        teacher_words=teacher_words,
        split=split,
        test=test,
        text=options.names(text),
        label=label,
        labels=labels,
        classes=classes,
        rows=rows,
        seed=seed,
        settings=settings or (),
        cleaner=Cleaner.of(options.names(clean) or ()),
        refit=refit,
        out=out or free_folder(data),
        overwrite=overwrite,
        on_bad_row=on_bad_row,
        quarantine=quarantine,
        encoding=encoding,
        delimiter=delimiter,
        near_duplicates=near_duplicates,
        feedback=with_feedback,
        forbid_leaks=fail_on_leak,
        tensorboard=tensorboard,
        progress=progress(quiet=quiet),
        notes=None if quiet else console.note,
    )
    if as_json:
        console.write_json(results.record(run))
    else:
        results.show(run)
        results.show_next(run)


def free_folder(
    data: str,
    home: Path = _HOME,
    *,
    suffix: str = "",
    is_taken: Callable[[Path], bool] = Path.exists,
) -> Path:
    """Name an output folder that is not taken yet.

    Parameters
    ----------
    data : str
        A path, a glob or a known name.
    home : Path
        Where output folders stand.
    suffix : str
        What is put behind the name of the data.
    is_taken : Callable[[Path], bool]
        Tells whether a folder cannot be used.

    Returns
    -------
    Path
        Such as ``runs/articles``, or ``runs/articles-2`` where that exists.
    """
    stem = "".join(char if char.isalnum() or char in "._" else "-" for char in Path(data).stem)
    stem = (stem.strip(".-") or "run") + suffix
    folder, n = home / stem, 1
    while is_taken(folder):
        n += 1
        folder = home / f"{stem}-{n}"
    return folder
