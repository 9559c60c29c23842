"""Rows of entries that lie end to end, whatever the entries are: the frame of sparse matrices.

Row i owns the entries ``indptr[i] … indptr[i+1]-1``, as in SciPy's ``csr_array``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.types import Indices

__all__ = ["equal_runs", "stack_rows", "take_rows"]


def take_rows(indptr: Indices, rows: Indices) -> tuple[Indices, Indices]:
    """Choose rows.

    Parameters
    ----------
    indptr : Indices
        Row ends behind a leading 0, shape ``(n + 1,)``.
    rows : Indices
        Rows from 0 to n - 1, in any order and any number of times, shape ``(m,)``.

    Returns
    -------
    tuple[Indices, Indices]
        Row ends of the m rows, shape ``(m + 1,)``, and the old place of each of their entries.

    Examples
    --------
    >>> take_rows(np.array([0, 2, 2, 5]), np.array([2, 1, 0]))
    (array([0, 3, 3, 5]), array([2, 3, 4, 0, 1]))
    """
    first = indptr[rows]
    lengths = indptr[rows + 1] - first
    ends = np.zeros(len(rows) + 1, dtype=np.int64)
    lengths.cumsum(out=ends[1:])
    entries = (first - ends[:-1]).repeat(lengths)
    entries += np.arange(ends[-1])
    return ends, entries


def stack_rows(parts: Sequence[Indices]) -> Indices:
    """Put rows below each other.

    Parameters
    ----------
    parts : Sequence[Indices]
        Row ends of each part; at least one part.

    Returns
    -------
    Indices
        Row ends of all rows; their entries follow each other in the same order.

    Examples
    --------
    >>> stack_rows([np.array([0, 2, 2]), np.array([0, 3])])
    array([0, 2, 2, 5])
    """
    lengths = np.concatenate([np.diff(indptr) for indptr in parts])
    ends = np.zeros(len(lengths) + 1, dtype=np.int64)
    lengths.cumsum(out=ends[1:])
    return ends


def equal_runs(keys: NDArray[Any]) -> Indices:
    """Make a row of each run of equal keys.

    Parameters
    ----------
    keys : NDArray[Any]
        Shape ``(n,)``, equal ones side by side.

    Returns
    -------
    Indices
        Row ends; without the last they are the place of each key's first occurrence, and their
        differences are the numbers of occurrences.

    Examples
    --------
    >>> equal_runs(np.array([3, 3, 7, 8, 8]))
    array([0, 2, 3, 5])
    """
    edge = np.ones(len(keys) + 1, dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=edge[1:-1])
    return edge.nonzero()[0]
