"""The words and numbers of documents in reading order, hashed to 32 bits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.config import n_threads
from newsdesk.features.tokens import Tokens, inverse_powers, mix, tokenise
from newsdesk.types import Bools, Documents, Indices, Progress, Silent

__all__ = ["NUMBER", "UNSPACED", "Words", "read_words"]

NUMBER = np.uint32(1)
"""The bit that says that a word is a number."""
UNSPACED = np.uint32(2)
"""The bit that says that a word is a character of a script written without spaces."""
_SPACE = 0x20
_CHUNK = 2048


class Words(NamedTuple):
    """Words of n documents."""

    indptr: Indices
    """Shape ``(n + 1,)``: document i owns words ``indptr[i] … indptr[i+1]-1``."""
    items: NDArray[np.uint32]
    """Hashes, shape ``(n_words,)``; their lowest bits are `NUMBER` and `UNSPACED`."""


def read_words(documents: Documents, *, progress: Progress | None = None) -> Words:
    """Find and hash the words of all fields, one field behind the other.

    Words are those of `newsdesk.features.tokens.tokenise`, and words of one letter too. Every run
    of digits is a number: ``3/12`` is two numbers, ``covid19`` a word and a number.

    Parameters
    ----------
    documents : Documents
        n documents.
    progress : Progress | None
        Told of every chunk.

    Returns
    -------
    Words
        In reading order.
    """
    n = len(documents)
    chunks = [(at, min(at + _CHUNK, n)) for at in range(0, n, _CHUNK)]
    sizes, items = [np.zeros(1, dtype=np.int64)], [np.zeros(0, dtype=np.uint32)]
    with (
        ThreadPoolExecutor(n_threads()) as pool,
        (progress or Silent()).task("words", n, "documents") as done,
    ):
        for own_sizes, own_items in pool.map(lambda chunk: _read(documents.slice(*chunk)), chunks):
            sizes.append(own_sizes)
            items.append(own_items)
            done(len(own_sizes))
    return Words(np.cumsum(np.concatenate(sizes)), np.concatenate(items))


def _read(documents: Documents) -> tuple[Indices, NDArray[np.uint32]]:
    """Number of words of each document, and the words."""
    batches = [batch for tokens in tokenise(documents) for batch in _batches(tokens)]
    document, start, items = map(np.concatenate, zip(*batches, strict=True))
    # Positions are those of a group of documents; a document belongs to one group alone.
    order = np.argsort(document << 40 | start, kind="stable")
    return np.bincount(document, minlength=len(documents)), items[order]


def _batches(tokens: Tokens) -> Iterator[tuple[Indices, Indices, NDArray[np.uint32]]]:
    """Document, first character and hash of words, letters that stand alone, and numbers."""
    codes = tokens.codes
    digit = _digits()[codes]
    n_digits = np.zeros(len(codes) + 1, dtype=np.int64)
    np.cumsum(digit, out=n_digits[1:])
    length = tokens.end - tokens.start
    word = (n_digits[tokens.end] - n_digits[tokens.start] < length).nonzero()[0]
    items = _short(tokens.hashes[word])
    items |= np.where(length[word] == 1, UNSPACED, np.uint32(0))
    yield tokens.document[word], tokens.start[word], items

    space = codes == _SPACE
    alone = space[:-2] & ~space[1:-1] & space[2:] & ~digit[1:-1]
    alone[tokens.start - 1] = False
    start = alone.nonzero()[0] + 1
    yield tokens.segments.place(start)[0], start, _short(_hashes(tokens, start, start + 1))

    edges = (digit[1:] != digit[:-1]).nonzero()[0] + 1
    # A text begins with a separator and ends with one.
    start, end = edges[::2], edges[1::2]
    yield tokens.segments.place(start)[0], start, _short(_hashes(tokens, start, end)) | NUMBER


def _hashes(tokens: Tokens, start: Indices, end: Indices) -> NDArray[np.uint64]:
    inverse = inverse_powers(len(tokens.codes))
    return mix((tokens.prefix[end] - tokens.prefix[start]) * inverse[start])


def _short(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    return (hashes >> np.uint64(32)).astype(np.uint32) & ~(NUMBER | UNSPACED)


@cache
def _digits() -> Bools:
    """Which code points are decimal digits, of any script."""
    every = np.arange(0x110000, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    digits = np.zeros(0x110000, dtype=np.bool_)
    digits[[found.start() for found in re.finditer(r"\d", every)]] = True
    return digits
