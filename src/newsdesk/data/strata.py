"""Draws in which every class has its share."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from newsdesk.data.corpus import Corpus
from newsdesk.types import Indices

__all__ = ["stratified_rows"]


def stratified_rows(
    corpus: Corpus, rows: Indices, share: float, rng: np.random.Generator, clusters: Indices
) -> Indices:
    """Draw a share of rows with each class in its proportion, whole clusters, never its last row.

    A cluster counts to the class of its first row. The number of each class is its exact share
    rounded by largest remainders, so that the total is that of the whole; equal remainders go to
    the class of the lower index. Clusters come in random order, and one that no longer fits into
    the number of its class is passed over.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    rows : Indices
        Rows to draw from, ascending.
    share : float
        Between 0 and 1.
    rng : np.random.Generator
        Source of chance.
    clusters : Indices
        Rows with equal numbers are drawn together, shape ``(n,)``.

    Returns
    -------
    Indices
        The rows drawn.
    """
    y = corpus.y[rows]
    _, first, unit, sizes = np.unique(
        clusters[rows], return_index=True, return_inverse=True, return_counts=True
    )
    unit_class = y[first]
    n_of_class = np.bincount(unit_class, weights=sizes, minlength=len(corpus.labels)).astype(int)
    room = _quotas(n_of_class, share, math.ceil(share * len(rows))).tolist()
    left = np.bincount(y, minlength=len(corpus.labels)).tolist()
    members = np.argsort(unit, kind="stable")
    ends = np.cumsum(sizes)
    shuffled = rng.permutation(len(first))
    order = shuffled[np.argsort(unit_class[shuffled], kind="stable")]
    columns = (unit_class[order], sizes[order], ends[order])
    drawn = []
    for index, size, end in zip(*(column.tolist() for column in columns), strict=True):
        if size > room[index]:
            continue
        own = members[end - size : end]
        if size == 1:
            if left[index] == 1:
                continue
            left[index] -= 1
        else:
            taken = Counter(y[own].tolist())
            if any(left[label] == n for label, n in taken.items()):
                continue
            for label, n in taken.items():
                left[label] -= n
        room[index] -= size
        drawn.append(own)
    return rows[np.concatenate(drawn)] if drawn else rows[:0]


def _quotas(sizes: Indices, share: float, wanted: int) -> Indices:
    """How many rows of each class make its share, at least one staying behind."""
    most = np.maximum(sizes - 1, 0)
    exact = sizes * share
    quota: Indices = np.minimum(np.floor(exact).astype(np.int64), most)
    for index in np.argsort(-(exact - np.floor(exact)), kind="stable").tolist():
        if quota.sum() >= wanted:
            break
        quota[index] = min(quota[index] + 1, most[index])
    return quota
