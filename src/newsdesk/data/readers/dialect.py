"""What a delimited file looks like: its delimiter, its header, where its rows begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from newsdesk.data.column_names import is_known
from newsdesk.data.readers.records import LINE_END, Record, records
from newsdesk.errors import ConfigError, DataError

__all__ = ["Dialect", "find_dialect"]

_DELIMITERS = (",", "\t", ";", "|")
_NO_DELIMITER = "\x1f"
"""Unit separator: splits no line of prose."""
_SAMPLE_CHARS = 1 << 18
_SAMPLE_ROWS = 1000
_LONGEST_NAME = 100
"""A header cell of more characters is taken for data."""


@dataclass(frozen=True)
class Dialect:
    """How one delimited file is written.

    Parameters
    ----------
    delimiter : str
        One character.
    columns : tuple[str, ...]
        Column names.
    body : int
        Where the rows begin in the text.
    body_line : int
        Line number there, 1-based.
    unnamed : str
        What was said of columns that the file does not name; empty when it names all.
    """

    delimiter: str
    columns: tuple[str, ...]
    body: int
    body_line: int
    unnamed: str = ""


def find_dialect(text: str, delimiter: str | None, *, whole_lines: bool) -> Dialect:
    """Find the delimiter and the header.

    The delimiter is the candidate in the first line that gives most rows the same number of
    cells. The first line is the header, unless it looks like data: see `_is_data`.

    Parameters
    ----------
    text : str
        The decoded file, not blank.
    delimiter : str | None
        One character, where the caller knows it.
    whole_lines : bool
        Whether a file without a delimiter in its first line is a list of lines, in which commas
        are text.

    Returns
    -------
    Dialect
        What was found.

    Raises
    ------
    ConfigError
        If the named delimiter is not one character, or is a quote or a line end.
    DataError
        If the header line has an unbalanced quote.
    """
    if delimiter is None:
        sample = text[:_SAMPLE_CHARS]
        delimiter = _find_delimiter(sample, whole_lines=whole_lines)
    elif len(delimiter) != 1 or delimiter in '"\r\n':
        problem = f"The delimiter {delimiter!r} is not one character other than quote and newline."
        raise ConfigError(problem, remedy='Name one such as "," or ";".')
    first, *rows = islice(records(text, delimiter), _SAMPLE_ROWS)
    if first.cells is None:
        problem = f"The header (line {first.line}) has a quote that is not closed by another."
        raise DataError(problem, remedy="Close or remove the quote.")
    if _is_data(first.cells, rows):
        names = tuple(f"column_{number}" for number in range(1, len(first.cells) + 1))
        note = f"no header line found, columns named {', '.join(names)}"
        return Dialect(delimiter, names, first.start, first.line, note)
    names = tuple(
        name.strip() or f"column_{number}" for number, name in enumerate(first.cells, start=1)
    )
    blank = [name for name, given in zip(names, first.cells, strict=True) if not given.strip()]
    note = f"columns without a name called {', '.join(blank)}" if blank else ""
    line = first.line + len(LINE_END.findall(text, first.start, first.following))
    return Dialect(delimiter, names, first.following, line, note)


def _find_delimiter(sample: str, *, whole_lines: bool) -> str:
    best, best_merit = None, (0.0, 0)
    for candidate in _DELIMITERS:
        rows = list(islice(records(sample, candidate), _SAMPLE_ROWS))
        if len(rows) > 2 and rows[-1].following == len(sample):
            del rows[-1]  # the sample may cut it
        width = len(rows[0].cells or ())
        if width < 2:
            continue
        regular = sum(row.cells is not None and len(row.cells) == width for row in rows)
        merit = (round(regular / len(rows), 2), width)
        if merit > best_merit:
            best, best_merit = candidate, merit
    if best is not None:
        return best
    return _NO_DELIMITER if whole_lines else ","


def _is_data(header: Sequence[str], rows: Sequence[Record]) -> bool:
    """Whether a first line is a row.

    It is one if a cell is longer than any name; or if no cell is a well-known name and a column
    repeats its first cell, or that cell is a number among numbers.
    """
    if any(len(name) > _LONGEST_NAME for name in header):
        return True
    if any(is_known(name) for name in header):
        return False
    complete = [row.cells for row in rows if row.cells and len(row.cells) == len(header)]
    for position, name in enumerate(header):
        below = [cells[position] for cells in complete]
        if name.strip() and name in below:
            return True
        if below and _is_number(name) and all(_is_number(cell) for cell in below):
            return True
    return False


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
