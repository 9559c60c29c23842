"""The careful splitting of delimited text into rows and cells: RFC 4180, fault by fault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["LINE_END", "Record", "records"]

LINE_END = re.compile(r"\r\n|\n|\r")
"""What ends a line; other Unicode line separators are text."""


class Record(NamedTuple):
    """One row of a delimited text, well-formed or not.

    Parameters
    ----------
    start : int
        Where it begins in the text.
    stop : int
        Where its content ends; the line end is not counted.
    following : int
        Where the next row begins.
    line : int
        Line of the file in which it begins, 1-based.
    cells : Sequence[str] | None
        Its cells, unquoted; None if a quote is unbalanced.
    broken : int | None
        Position of the cell whose quote is unbalanced.
    """

    start: int
    stop: int
    following: int
    line: int
    cells: Sequence[str] | None
    broken: int | None


def records(text: str, delimiter: str, *, start: int = 0, line: int = 1) -> Iterator[Record]:
    r"""Split text into rows.

    Cells may be quoted; a quote inside is doubled; quoted cells may hold delimiters and line ends.
    ``\n``, ``\r\n`` and a lone ``\r`` end a line; blank lines are no rows. Where a quoted cell is
    not closed by a quote before a delimiter or line end, only the line in which its row begins is
    given up: reading goes on at the next line, so that one stray quote cannot swallow a file.

    Parameters
    ----------
    text : str
        The text.
    delimiter : str
        One character.
    start : int
        Where to begin in the text.
    line : int
        Line number at ``start``.

    Yields
    ------
    Record
        Rows in order.

    Examples
    --------
    >>> [record.cells for record in records('a,"b, ""c"", b"\n\nd,e', ",")]
    [['a', 'b, "c", b'], ['d', 'e']]
    """
    cell_pattern = _cell_pattern(delimiter)
    position, length = start, len(text)
    while position < length:
        end = LINE_END.search(text, position)
        stop, following = end.span() if end else (length, length)
        if stop == position:  # blank
            position, line = following, line + 1
            continue
        content = text[position:stop]
        if '"' not in content:
            yield Record(position, stop, following, line, content.split(delimiter), None)
            position, line = following, line + 1
            continue
        record = _quoted(text, position, cell_pattern, line)
        if record.cells is None:
            record = record._replace(stop=stop, following=following)
        yield record
        line += len(LINE_END.findall(text, position, record.following))
        position = record.following


def _cell_pattern(delimiter: str) -> re.Pattern[str]:
    border = re.escape(delimiter)
    return re.compile(
        rf'(?:"((?:[^"]++|"")*+)"|([^"\r\n{border}][^\r\n{border}]*+|))({border}|\r\n|\r|\n|\Z)'
    )


def _quoted(text: str, start: int, cell_pattern: re.Pattern[str], line: int) -> Record:
    cells: list[str] = []
    position = start
    while True:
        cell = cell_pattern.match(text, position)
        if cell is None:
            return Record(start, position, position, line, None, len(cells))
        quoted, plain, border = cell.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        position = cell.end()
        if border in ("", "\n", "\r", "\r\n"):
            return Record(start, cell.start(3), position, line, cells, None)
