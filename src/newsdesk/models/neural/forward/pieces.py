"""Batches of token ids cut into pieces of rows of like length, done on several threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.config import n_threads
from newsdesk.features.sequences import Sequences
from newsdesk.types import Floats, Indices

__all__ = ["ONE_WORD", "Piece", "map_rows"]

N_TOKENS = 8192
"""Tokens of a piece, about: enough that most of them are words that the piece has already, few
enough that little memory is taken and every thread gets its share."""


class Piece(NamedTuple):
    """Some rows of a batch, from the longest to the shortest."""

    indptr: Indices
    """Row ends, shape ``(n + 1,)``."""
    words: NDArray[np.int32]
    """The distinct ids, rising, shape ``(m,)``: what depends on the word alone is done once."""
    place: Indices
    """Place of each token's id among them, shape ``(n_tokens,)``."""

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.indptr) - 1


ONE_WORD = Piece(np.array([0, 1]), np.zeros(1, dtype=np.int32), np.array([0]))
"""A row of the word 0, to warm up with."""


def map_rows(
    sequences: Sequences,
    width: int,
    apply: Callable[[Piece], Floats],
    n_tokens: int | None = None,
) -> Floats:
    """Apply a map whose result for a row depends on that row alone.

    Parameters
    ----------
    sequences : Sequences
        n rows.
    width : int
        Numbers that the map gives for a row.
    apply : Callable[[Piece], Floats]
        The map; it is called on several threads at once.
    n_tokens : int | None
        Tokens of a piece, about; None means as many as suit networks of a few hundred units.

    Returns
    -------
    Floats
        Shape ``(n, width)``.
    """
    lengths = sequences.lengths
    order = np.argsort(-lengths, kind="stable")
    number = (lengths[order].cumsum() - lengths[order]) // (n_tokens or N_TOKENS)
    pieces = np.split(order, np.diff(number).nonzero()[0] + 1)
    result = np.empty((len(lengths), width), dtype=np.float32)

    def fill(rows: Indices) -> None:
        own = sequences.take(rows)
        words, place = np.unique(own.ids, return_inverse=True)
        result[rows] = apply(Piece(own.indptr, words, place))

    if len(pieces) == 1:
        fill(pieces[0])
    else:
        with ThreadPoolExecutor(min(n_threads(), len(pieces))) as pool:
            for _ in pool.map(fill, pieces):
                pass
    return result
