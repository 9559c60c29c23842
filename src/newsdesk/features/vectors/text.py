"""Vector files of text: a word and its numbers on each line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

import numpy as np

from newsdesk.errors import DataError
from newsdesk.features.vectors.blocks import Block
from newsdesk.features.vectors.formats import Layout, is_number, parts
from newsdesk.features.vectors.numbers import parse_lines
from newsdesk.features.vectors.source import Source
from newsdesk.types import Floats

__all__ = ["read_text"]

_CHUNK_BYTES = 4 << 20
_LONGEST_LINE = 16 << 20
_BLANKS = b" \t\r"
_FETCH = "Fetch the file again if it was cut short, or mend the line."
_MEND = "Mend the line, or leave it out."


def read_text(source: Source, layout: Layout) -> Iterator[Block]:
    """Read the lines of a vector file; blank ones are passed over.

    The last ``dim`` parts of a line are its vector, so that a word may hold spaces. A word whose
    last part is a number would be a vector of a wrong length as well, and is refused.

    Parameters
    ----------
    source : Source
        The file, at its first vector.
    layout : Layout
        Its format.

    Yields
    ------
    Block
        Rows in the order of the file. A word may be empty or no valid UTF-8.

    Raises
    ------
    DataError
        If a line holds no word or not `layout.dim` finite numbers, or there are fewer lines than
        the header promises.
    """
    number = 1 if layout.n is None else 2
    n = 0
    rest = b""
    while chunk := source.read(_CHUNK_BYTES):
        lines, newline, rest = (rest + chunk).rpartition(b"\n")
        if len(rest) > _LONGEST_LINE:
            problem = f"{source.name}, line {number}: the line is longer than any vector."
            raise DataError(
                problem, remedy="Give a file with one word and its vector on each line."
            )
        if newline:
            block, number = _block(lines, number, source.name, layout.dim)
            n += block.n
            yield block
    block, _ = _block(rest, number, source.name, layout.dim)
    yield block
    n += block.n
    if layout.n is not None and n < layout.n:
        problem = f"{source.name} is cut short: it holds {n:,} of {layout.n:,} vectors."
        raise DataError(problem, remedy="Fetch the file again; if it is whole, mend its header.")


def _block(lines: bytes, number: int, name: str, dim: int) -> tuple[Block, int]:
    """Rows of whole lines, and the number of the line behind them."""
    data = np.frombuffer(lines, dtype=np.uint8)
    # A number takes two bytes of its line at least, with what separates it.
    block = Block(len(data), len(data) // (2 * dim) + 1, dim)
    place = np.array([0, 0, number])
    while not parse_lines(data, place, block.vectors, block.words, block.ends):
        start = int(place[0])
        end = lines.find(b"\n", start)
        end = len(lines) if end < 0 else end
        block.n = int(place[1])
        where = f"{name}, line {place[2]}"
        block.add(*_careful(lines[start:end], where, dim))
        place += (end + 1 - start, 1, 1)
    block.n = int(place[1])
    return block, int(place[2])


def _careful(line: bytes, where: str, dim: int) -> tuple[bytes, Floats]:
    """Word and vector of a line that the compiled loop has left, or what is wrong with it."""
    fields = parts(line)
    tail = fields[-dim:]
    unread = [field for field in tail if not is_number(field)]
    no_word = len(fields) == dim and line[:1] in (b" ", b"\t")
    if len(fields) <= dim and not no_word:
        count = len(fields) - 1
        raise DataError(f"{where}: the vector has {count} numbers, not {dim}.", remedy=_FETCH)
    if unread:
        shown = unread[0].decode("utf-8", "backslashreplace")
        raise DataError(f"{where}: {shown!r} is no number.", remedy=_MEND)
    if len(fields) > dim + 1 and is_number(fields[-dim - 1]):
        count = sum(1 for _ in takewhile(is_number, reversed(fields[1:])))  # the first is the word
        raise DataError(f"{where}: the vector has {count} numbers, not {dim}.", remedy=_FETCH)
    with np.errstate(over="ignore"):
        vector = np.array([float(field) for field in tail]).astype(np.float32)
    if not np.isfinite(vector).all():
        shown = tail[int(np.flatnonzero(~np.isfinite(vector))[0])].decode()
        problem = f"{where}: {shown} is not finite, or too large for 32 bits."
        raise DataError(problem, remedy=_MEND)
    word = line.rstrip(_BLANKS)
    for _ in range(dim):
        word = word[: -len(tail.pop())].rstrip(_BLANKS)
    return word, vector
