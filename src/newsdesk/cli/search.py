"""Search for the best settings, measure them once on test.

Every setting of a grid is fitted and measured on folds of the training rows; the best one by mean
macro-F1 is trained on all of them and measured on the test rows. What is finished is kept: the same
command goes on with a search that was interrupted.

For example:
  newsdesk search articles.csv
  newsdesk search articles.csv --grid 'C=0.1|0.3|1' --grid 'word_ngrams=1,1|1,2'
  newsdesk search huffpost --labels huffpost-34 --family linear --set class_weight=balanced
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdesk.cli import console, options, resuming
from newsdesk.cli.train import free_folder

if TYPE_CHECKING:
    from newsdesk.search import SearchResult, SettingScore
    from newsdesk.types import Progress

__all__ = ["search"]

MOST_LINES = 20
"""Settings that the terminal shows; the others stand in search.csv."""


def search(
    data: options.Data,
    text: options.Text = None,
    label: options.Label = None,
    labels: options.Labels = None,
    family: Annotated[
        str, typer.Option("--family", metavar="NAME", help="The family whose settings are tried.")
    ] = "linear",
    grid: Annotated[
        list[str] | None,
        typer.Option(
            "--grid",
            metavar="KEY=A|B|…",
            help="Values of a setting; may be repeated: all combinations are tried. 'published' "
            "is n-grams 1,2|1,3 and C=0.1|0.2|0.3|0.5|1|5.  [default: published]",
        ),
    ] = None,
    folds: Annotated[
        int, typer.Option("--folds", metavar="K", min=2, help="Folds of the training rows.")
    ] = 5,
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
            help="A setting that is the same in all fits; may be repeated.",
        ),
    ] = None,
    clean: options.Clean = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The folder.  [default: runs/NAME-search]"),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite/--resume",
            help="Throw away the search that stands there, or go on with it if it is unfinished.",
        ),
    ] = False,
    near_duplicates: Annotated[
        bool,
        typer.Option(
            "--near-duplicates/--no-near-duplicates",
            help="Look for near-duplicates; without, only exact copies share a fold.",
        ),
    ] = True,
    on_bad_row: options.OnBadRow = "error",
    quarantine: options.Quarantine = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Search, measure the best setting, say what came out."""
    if split is not None and test is not None:
        raise typer.BadParameter("--split and --test exclude each other.")
    from newsdesk import search as room
    from newsdesk.bundle import Cleaner
    from newsdesk.cli import results
    from newsdesk.cli.progress import progress
    from newsdesk.search.journal import is_taken

    home = out or free_folder(data, suffix="-search", is_taken=is_taken)
    bars = progress(quiet=quiet)
    try:
        found = room.search(
            data,
            family=family,
            grid=grid or ("published",),
            folds=folds,
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
            best_so_far=partial(_say_best, bars),
        )
    except KeyboardInterrupt:
        resuming.say_kept(home)
        raise
    if as_json:
        console.write_json(_record(found, results.record(found.run)))
        return
    _show(found)
    results.show(found.run)
    console.say()
    console.say(f"Search:  {home / 'search.html'}", wrap=False)
    results.show_next(found.run)


def _say_best(bars: Progress, score: SettingScore) -> None:
    if score.mean is not None:
        resuming.say_best(bars, score.setting.name, score.mean)


def _show(found: SearchResult) -> None:
    from newsdesk.search import summarise
    from newsdesk.search.grid import written

    keys = list(found.grid.values)
    headings = [*keys, "macro-F1", "± 2 sd", "accuracy", "s", ""]
    cells = []
    for score in found.ranked[:MOST_LINES]:
        values = [written(value) for value in score.setting.values.values()]
        if score.mean is None or score.accuracy is None or score.sd is None:
            cells.append([*values, "failed", "", "", f"{score.seconds:.1f}", ""])
            continue
        mark = "best" if score is found.best else ""
        if score is found.simplest and not mark:
            mark = "simplest within 1 SE"
        numbers = [f"{score.mean:.4f}", f"{2 * score.sd:.4f}", f"{score.accuracy:.4f}"]
        cells.append([*values, *numbers, f"{score.seconds:.1f}", mark])
    left = (*range(len(keys)), len(headings) - 1)
    console.say(console.table(headings, cells, left=left))
    if len(found.scores) > MOST_LINES:
        console.say(f"{len(found.scores) - MOST_LINES:,} more in search.csv.")
    console.say()
    for sentence in summarise(found):
        console.say(console.printable(sentence))
    console.say()


def _record(found: SearchResult, run: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": found.name,
        "out": str(found.out),
        "family": found.grid.family,
        "grid": found.grid.values,
        "n_folds": found.n_folds,
        "n_rows": found.n_rows,
        "best": found.best.setting.values,
        "simplest_within_one_standard_error": found.simplest.setting.values,
        "settings": found.table,
        "notes": found.notes,
        "run": run,
    }
