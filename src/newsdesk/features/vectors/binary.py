"""Vector files in the binary format of word2vec."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from newsdesk.errors import DataError
from newsdesk.features.vectors.blocks import Block
from newsdesk.features.vectors.formats import Layout
from newsdesk.features.vectors.numbers import parse_entries
from newsdesk.features.vectors.source import Source

__all__ = ["read_binary"]

_CHUNK_BYTES = 4 << 20
_LONGEST_WORD = 1 << 16
_REMEDY = "Fetch the file again; if it is whole, its header is wrong."


def read_binary(source: Source, layout: Layout) -> Iterator[Block]:
    """Read entries of a word, a space and float32 numbers, the least significant byte first.

    Entries may be separated by newlines, as the C program writes them, or not.

    Parameters
    ----------
    source : Source
        The file, at its first vector.
    layout : Layout
        Its format; it has a header.

    Yields
    ------
    Block
        Rows in the order of the file. A word may be empty or no valid UTF-8.

    Raises
    ------
    DataError
        If the file is cut short, goes on behind its last vector, or a number is not finite.
    """
    assert layout.n is not None
    n, rest = 0, b""
    size = 4 * layout.dim
    while chunk := source.read(_CHUNK_BYTES):
        rest += chunk
        data = np.frombuffer(rest, dtype=np.uint8)
        room = len(rest) // (size + 1) + 1
        block = Block(len(rest), room, layout.dim)
        wanted = min(room, layout.n - n)
        done, block.n = parse_entries(
            data, wanted, block.vectors.view(np.uint8), block.words, block.ends
        )
        _check_finite(block, n, source.name)
        n += block.n
        rest = rest[done:]
        if n < layout.n and len(rest) > size + _LONGEST_WORD and b" " not in rest[:_LONGEST_WORD]:
            problem = f"{source.name}: no word is found behind the first {n:,} vectors."
            raise DataError(problem, remedy=_REMEDY)
        yield block
        if n == layout.n and rest.strip(b"\n"):
            problem = f"{source.name} goes on behind the {n:,} vectors that its header promises."
            raise DataError(problem, remedy=_REMEDY)
    if n < layout.n:
        problem = f"{source.name} is cut short: {n:,} of {layout.n:,} vectors are whole."
        raise DataError(problem, remedy=_REMEDY)


def _check_finite(block: Block, before: int, name: str) -> None:
    finite = np.isfinite(block.vectors[: block.n]).all(axis=1)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        word = block.word(row).decode("utf-8", "backslashreplace")
        place = f"{name}: vector {before + row + 1:,}, of the word {word!r}"
        problem = f"{place}, holds a number that is not finite."
        raise DataError(problem, remedy="Write the file anew, without that word.")
