"""Classify texts, lines of stdin or a table.

A text, several texts, or lines of stdin are answered on stdout. The table that --file names is
written to --out with its own columns and, beside them, predicted, label_1 …, proba_1 … and
low_evidence (true where nothing in the text is known).

For example:
  newsdesk predict runs/demo/bundle "Striker signs for city rivals"
  newsdesk predict runs/demo/bundle < headlines.txt
  newsdesk predict runs/demo/bundle --file articles.csv --out answers.parquet
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsdesk.cli import answers, console, options
from newsdesk.cli.progress import progress

if TYPE_CHECKING:
    from newsdesk.bundle import Bundle
    from newsdesk.data.tables import TableRead

__all__ = ["predict"]


def predict(
    bundle: options.Bundle,
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Texts; - or nothing reads them from stdin."),
    ] = None,
    top: options.Top = 3,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="TABLE", help="A table (or a glob) instead of texts."),
    ] = None,
    text: options.Text = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Where the table goes: .csv, .parquet, .jsonl, …"
        ),
    ] = None,
    expect_digest: options.Digest = None,
    on_bad_row: options.OnBadRow = "error",
    quarantine: options.Quarantine = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Classify texts, stdin or a table."""
    if file is None and (out is not None or text is not None):
        raise typer.BadParameter("--text and --out belong to --file.")
    if file is not None and (texts or out is None):
        raise typer.BadParameter("--file takes the place of texts and needs --out.")
    if out is not None:
        options.check_table(out)
    from newsdesk.cli import texts as source

    given = source.given(texts) if file is None else []
    from newsdesk.bundle import Bundle

    door = Bundle.load(bundle, expect_digest=expect_digest)
    if file is not None and out is not None:
        from newsdesk.data import tables

        read = tables.read(
            file,
            on_bad_row=on_bad_row,
            quarantine=quarantine,
            encoding=encoding,
            delimiter=delimiter,
            progress=progress(quiet=quiet),
        )
        _answer_table(door, read, options.names(text), out, top, as_json=as_json, quiet=quiet)
    elif given is not None:
        _answer(door, given, top, as_json=as_json)
    else:
        for chunk in source.chunks(sys.stdin.buffer):
            _stream(door, chunk, top, as_json=as_json)


def _answer(door: Bundle, texts: Sequence[str], top: int, *, as_json: bool) -> None:
    from newsdesk.types import Documents

    predictions = door.predict(Documents.from_texts(texts))
    if as_json:
        console.write_lines(answers.json_lines(texts, predictions, top))
    elif len(texts) > 1:
        console.say(answers.several(texts, predictions, top))
        if predictions.low_evidence.any():
            console.say(f"? {answers.LOW_EVIDENCE}")
    else:
        console.say(answers.one(predictions, top))
        if predictions.low_evidence.any():
            console.say(answers.LOW_EVIDENCE)


def _stream(door: Bundle, texts: Sequence[str], top: int, *, as_json: bool) -> None:
    from newsdesk.types import Documents

    predictions = door.predict(Documents.from_texts(texts))
    write = answers.json_lines if as_json else answers.lines
    console.write_lines(write(texts, predictions, top))


def _answer_table(
    door: Bundle,
    read: TableRead,
    columns: Sequence[str] | None,
    out: Path,
    top: int,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    from newsdesk.cli import rows
    from newsdesk.data import fields, tables
    from newsdesk.data.wording import counted

    rows.refuse_taken(read.table.column_names, min(top, len(door.labels)))
    documents, said = fields.documents(read, columns, door.fields)
    if read.n_rejected:
        said.append(f"{counted(read.n_rejected)} could not be read, left out")
    if not quiet:
        for line in (*read.notes, *said):
            console.note(line)
    predictions = door.predict(documents, progress=progress(quiet=quiet))
    tables.write(rows.beside(read.table, predictions, top), out)
    if as_json:
        console.write_json(answers.summary(predictions) | {"out": str(out)})
        return
    console.say(answers.counts(predictions))
    console.say()
    console.say(f"{counted(len(predictions))} classified, written to {out}", wrap=False)
