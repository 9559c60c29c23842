"""Say what a corpus holds, before anything is trained.

Classes, lengths, writing systems, duplicates, suspicious rows, words that give a class away, and
classes that share most of their vocabulary. With --out, also as a page to open in a browser.

For example:
  newsdesk inspect articles.csv
  newsdesk inspect huffpost --out huffpost.html
  newsdesk inspect articles.csv --quiet --fail-on conflicts,mojibake
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsdesk.cli import console, options

if TYPE_CHECKING:
    from newsdesk.inspection import Inspection

__all__ = ["inspect"]


def inspect(
    data: options.Data,
    text: options.Text = None,
    label: options.Label = None,
    labels: options.Labels = None,
    classes: options.Classes = None,
    rows: options.Rows = None,
    seed: options.Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Also write a page with plots, such as corpus.html."
        ),
    ] = None,
    examples: Annotated[
        int,
        typer.Option(
            "--examples", metavar="N", min=0, max=100, help="Rows shown of each suspicious kind."
        ),
    ] = 3,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="KIND,…",
            help="Exit with 1 if there is any such finding; for checks that run by themselves.",
        ),
    ] = None,
    on_bad_row: options.OnBadRow = "error",
    quarantine: options.Quarantine = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Say what a corpus holds."""
    from newsdesk import inspection
    from newsdesk.cli import inspected
    from newsdesk.cli.progress import progress
    from newsdesk.data.corpus import read_corpus

    forbidden = _forbidden(fail_on)
    bars = progress(quiet=quiet)
    corpus = read_corpus(
        data,
        text=options.names(text),
        label=label,
        labels=labels,
        classes=classes,
        rows=rows,
        seed=seed,
        on_bad_row=on_bad_row,
        quarantine=quarantine,
        encoding=encoding,
        delimiter=delimiter,
        min_classes=1,
        progress=bars,
    )
    if not quiet:
        for line in corpus.steps:
            console.note(line)
    found = inspection.inspect(corpus, n_examples=examples, progress=bars)
    if out is not None:
        _write(out, found)
        if not quiet:
            console.note(f"written: {out}")
    if as_json:
        console.write_json(inspected.record(found))
    else:
        inspected.show(found)
    _fail(found, forbidden)


def _write(path: Path, found: Inspection) -> None:
    from newsdesk.data.atomic import replacing
    from newsdesk.inspection.page import render

    with replacing(path) as temporary:
        temporary.write_text(render(found), encoding="utf-8")


def _forbidden(kinds: str | None) -> list[str]:
    from newsdesk.config import suggest
    from newsdesk.errors import ConfigError
    from newsdesk.inspection.record import KINDS

    chosen = options.names(kinds) or []
    for kind in chosen:
        if kind not in KINDS:
            problem = f"--fail-on: there is no finding {kind!r}."
            raise ConfigError(problem, remedy=suggest(kind, KINDS))
    return chosen


def _fail(found: Inspection, forbidden: list[str]) -> None:
    from newsdesk.errors import DataError

    counts = found.counts
    present = [f"{kind} ({counts[kind]:,})" for kind in forbidden if counts[kind]]
    if present:
        problem = f"{found.name} has findings that --fail-on forbids: {', '.join(present)}."
        raise DataError(problem, remedy="Mend the data, or leave the kind out of --fail-on.")
