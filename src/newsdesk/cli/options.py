"""Options that several verbs share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "Bundle",
    "By",
    "Classes",
    "Clean",
    "Data",
    "Delimiter",
    "Digest",
    "Encoding",
    "Home",
    "Json",
    "Label",
    "Labels",
    "ManagementKeyFile",
    "Model",
    "OnBadRow",
    "Quarantine",
    "Quiet",
    "Reload",
    "Rows",
    "Seed",
    "Split",
    "Test",
    "Text",
    "Top",
    "names",
]

_DATA = (
    "A table (CSV, TSV, JSON, fastText, Parquet, Feather; also as .gz or in a .zip), a folder with "
    "one folder per class, a glob, or: huffpost, huffpost-v3, bbc, sample."
)

Bundle = Annotated[
    Path,
    typer.Argument(
        metavar="BUNDLE",
        help="The bundle folder that train wrote, such as runs/NAME/bundle; or a home of versions.",
    ),
]
Data = Annotated[str, typer.Argument(metavar="DATA", help=_DATA)]
Text = Annotated[
    str | None,
    typer.Option(
        "--text", metavar="COL,COL", help="Text columns, in reading order.  [default: guessed]"
    ),
]
Label = Annotated[
    str | None,
    typer.Option("--label", metavar="COL", help="Label column.  [default: guessed]"),
]
Labels = Annotated[
    str | None,
    typer.Option(
        "--labels", metavar="MAP", help="Merge labels by a map: a TOML file, or huffpost-34."
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="SPEC",
        help="How test rows are drawn: published, random:0.1, stratified:0.1, "
        "grouped:COL:0.1, after:2018-01-01, tail:445 or column:NAME.  [default: published "
        "where there is one, else stratified]",
    ),
]
Test = Annotated[
    str | None,
    typer.Option("--test", metavar="FILE", help="Test rows in a file of their own."),
]
Classes = Annotated[
    str | None,
    typer.Option(
        "--classes", metavar="A,B|topN", help="Labels to keep, or the N commonest.  [all]"
    ),
]
Rows = Annotated[
    int | None,
    typer.Option("--rows", metavar="N", min=1, help="Draw so many rows.  [default: all]"),
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, help="Seed of everything that is random.")
]
Clean = Annotated[
    str | None,
    typer.Option(
        "--clean",
        metavar="STEP,…",
        help="Text steps: repair, html, urls, numbers, lower, ascii.  [default: none]",
    ),
]
Top = Annotated[
    int, typer.Option("--top", metavar="K", min=1, help="How many of the likeliest labels.")
]
OnBadRow = Annotated[
    Literal["error", "skip", "quarantine"],
    typer.Option(
        "--on-bad-row",
        help="On a row that cannot be used: stop, leave it out, or set it aside in a file.",
    ),
]
Quarantine = Annotated[
    Path | None,
    typer.Option("--quarantine", metavar="DIR", help="Where bad rows are set aside."),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding", metavar="NAME", help="Encoding of a text file.  [default: found out]"
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        "--delimiter",
        metavar="CHAR",
        help=r"Delimiter of a CSV file; \t is a tab.  [default: found out]",
        # Few shells make it easy to type a tab.
        callback=lambda value: "\t" if value == r"\t" else value,
    ),
]
Digest = Annotated[
    str | None,
    typer.Option(
        "--expect-digest", metavar="SHA256", help="Refuse the bundle unless its digest is this."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No notes and no progress, only the result.")
]

Home = Annotated[
    Path, typer.Argument(metavar="HOME", help="Folder of served versions, made by promote.")
]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who does it, for the history.  [default: the user]"),
]
Reload = Annotated[
    str | None,
    typer.Option(
        "--reload", metavar="URL", help="Have a running server load it, and check that it answers."
    ),
]
ManagementKeyFile = Annotated[
    Path | None,
    typer.Option("--management-key-file", metavar="FILE", help="Holds the key for --reload."),
]
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", help="The model to reload.  [default: the first]"),
]


TABLES = (".csv", ".tsv", ".jsonl", ".parquet", ".feather", ".arrow")
"""Endings of the tables that can be written."""


def check_table(out: Path) -> None:
    """Make sure, before anything is done, that a table can be written.

    Parameters
    ----------
    out : Path
        Where to.

    Raises
    ------
    typer.BadParameter
        If its ending is of no table.
    """
    if out.suffix.lower() not in TABLES:
        raise typer.BadParameter(f"--out must end with one of {' '.join(TABLES)}")


def names(value: str | None) -> list[str] | None:
    """Split ``"A,B"``.

    Parameters
    ----------
    value : str | None
        What was typed.

    Returns
    -------
    list[str] | None
        The names without surrounding space, empty ones left out; None for None.

    Examples
    --------
    >>> names("headline, description"), names(None)
    (['headline', 'description'], None)
    """
    if value is None:
        return None
    return [name.strip() for name in value.split(",") if name.strip()]
