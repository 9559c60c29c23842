"""Show what each setting of a family does.

Every level of every factor is trained with equal budgets and seeds on one fixed set of rows, and
measured on train and valid; one sentence per factor says what it does. The test rows are not looked
at. What is finished is kept: the same command goes on with a study that was interrupted.

For example:
  newsdesk study articles.csv --vary 'C=0.05|0.5|5' --vary 'min_df=1|2|5'
  newsdesk study articles.csv --family lstm
  newsdesk study huffpost --family lstm --classes TRAVEL,WELLNESS --rows-per-class 2000
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from newsdesk.cli import console, options, resuming
from newsdesk.cli.train import free_folder

__all__ = ["study"]


def study(
    data: options.Data,
    text: options.Text = None,
    label: options.Label = None,
    labels: options.Labels = None,
    family: Annotated[
        str, typer.Option("--family", metavar="NAME", help="The family whose settings are varied.")
    ] = "linear",
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="KEY=A|B|…",
            help="Levels of a setting; may be repeated.  [default: the family's own factors]",
        ),
    ] = None,
    design: Annotated[
        Literal["one-at-a-time", "grid"],
        typer.Option(
            "--design",
            help="Vary each factor with the others at their base, or try all combinations.",
        ),
    ] = "one-at-a-time",
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="K", min=1, help="Trainings of each setting.")
    ] = 3,
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm/--no-confirm", help="Train the recommended levels together in the end."
        ),
    ] = True,
    most_gap: Annotated[
        float | None,
        typer.Option(
            "--most-gap",
            metavar="POINTS",
            min=0,
            max=100,
            help="Recommend what keeps train and valid accuracy so close, if it is not below base.",
        ),
    ] = None,
    split: options.Split = None,
    test: options.Test = None,
    classes: options.Classes = None,
    rows: options.Rows = None,
    rows_per_class: Annotated[
        int | None,
        typer.Option(
            "--rows-per-class", metavar="N", min=1, help="Draw so many rows of each class."
        ),
    ] = None,
    seed: options.Seed = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the base; may be repeated."),
    ] = None,
    clean: options.Clean = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The folder.  [default: runs/NAME-study]"),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite/--resume",
            help="Throw away the study that stands there, or go on with it if it is unfinished.",
        ),
    ] = False,
    near_duplicates: Annotated[
        bool,
        typer.Option(
            "--near-duplicates/--no-near-duplicates",
            help="Look for near-duplicates; without, only exact copies count as one text.",
        ),
    ] = True,
    on_bad_row: options.OnBadRow = "error",
    quarantine: options.Quarantine = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Study, say what each factor does."""
    if split is not None and test is not None:
        raise typer.BadParameter("--split and --test exclude each other.")
    from newsdesk import study as room
    from newsdesk.bundle import Cleaner
    from newsdesk.cli import studied
    from newsdesk.cli.progress import progress
    from newsdesk.study.journal import is_taken

    home = out or free_folder(data, suffix="-study", is_taken=is_taken)
    bars = progress(quiet=quiet)
    try:
        found = room.study(
            data,
            family=family,
            vary=vary or (),
            design=design,
            seeds=seeds,
            confirm=confirm,
            most_gap=None if most_gap is None else most_gap / 100,
            rows_per_class=rows_per_class,
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
            out=home,
            overwrite=overwrite,
            on_bad_row=on_bad_row,
            quarantine=quarantine,
            encoding=encoding,
            delimiter=delimiter,
            near_duplicates=near_duplicates,
            progress=bars,
            notes=None if quiet else console.note,
            best_so_far=partial(resuming.say_best, bars),
        )
    except KeyboardInterrupt:
        resuming.say_kept(home)
        raise
    if as_json:
        console.write_json(studied.record(found))
    else:
        studied.show(found)
