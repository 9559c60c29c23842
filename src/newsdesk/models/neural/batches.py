"""Which rows are trained on together: random batches of rows of like length."""

from __future__ import annotations

import numpy as np

from newsdesk.types import Indices

__all__ = ["by_length", "shuffled"]

_POOL = 50


def shuffled(lengths: Indices, batch_size: int, *, seed: int, epoch: int) -> list[Indices]:
    """Deal the rows of an epoch to batches.

    Rows are shuffled and cut into pools of 50 batches; within a pool they are ordered by length, so
    that a batch holds little padding; then the batches are shuffled. Every epoch has its own draw,
    which depends on nothing but the arguments: an interrupted epoch is taken up by counting.

    Parameters
    ----------
    lengths : Indices
        Tokens of each row, shape ``(n,)``.
    batch_size : int
        Rows of a batch; the last ones drawn may be fewer.
    seed : int
        Of the draw.
    epoch : int
        Number of the epoch.

    Returns
    -------
    list[Indices]
        Rows of each batch; every row stands in one.
    """
    rng = np.random.default_rng([seed, epoch])
    rows = rng.permutation(len(lengths))
    batches = []
    for at in range(0, len(rows), _POOL * batch_size):
        pool = rows[at : at + _POOL * batch_size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[first : first + batch_size] for first in range(0, len(pool), batch_size)]
    return [batches[place] for place in rng.permutation(len(batches))]


def by_length(lengths: Indices, batch_size: int, n_tokens: int | None = None) -> list[Indices]:
    """Deal rows to batches from the shortest to the longest, to be measured.

    Parameters
    ----------
    lengths : Indices
        Tokens of each row, shape ``(n,)``.
    batch_size : int
        Rows of a batch at the most.
    n_tokens : int | None
        Tokens of a batch of several rows at the most, when all are filled up to its longest; None
        sets no bound.

    Returns
    -------
    list[Indices]
        Rows of each batch; every row stands in one.

    Examples
    --------
    >>> [rows.tolist() for rows in by_length(np.array([5, 1, 3]), 2)]
    [[1, 2], [0]]
    """
    rows = np.argsort(lengths, kind="stable")
    if n_tokens is None:
        return [rows[at : at + batch_size] for at in range(0, len(rows), batch_size)]
    found = []
    while len(rows):
        longest = lengths[rows[:batch_size]]
        n_fitting = np.count_nonzero(longest * np.arange(1, len(longest) + 1) <= n_tokens)
        n = max(n_fitting, 1)
        found.append(rows[:n])
        rows = rows[n:]
    return found
