"""Groups of rows that stay together."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from newsdesk.data.corpus import Corpus
from newsdesk.data.dates import extra_column
from newsdesk.types import Indices

__all__ = ["column_groups", "joined_groups", "whole_groups"]


def column_groups(corpus: Corpus, column: str) -> tuple[Indices, int]:
    """Number the groups that a column names.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    column : str
        One of the corpus's other columns.

    Returns
    -------
    tuple[Indices, int]
        Groups from 0, shape ``(n,)``; and how many rows have no value and are groups of their own.

    Raises
    ------
    SchemaError
        If there is no such column.
    """
    values = extra_column(corpus, column).combine_chunks()
    indices = pc.dictionary_encode(values).indices.fill_null(-1)
    groups: Indices = indices.to_numpy(zero_copy_only=False).astype(np.int64)
    alone = groups < 0
    n_alone = int(alone.sum())
    groups[alone] = groups.max(initial=-1) + 1 + np.arange(n_alone)
    return groups, n_alone


def joined_groups(groups: Indices, clusters: Indices) -> Indices:
    """Make groups that share a cluster one.

    Parameters
    ----------
    groups : Indices
        Group of each row, from 0, shape ``(n,)``.
    clusters : Indices
        Cluster of each row, from 0, shape ``(n,)``.

    Returns
    -------
    Indices
        Group of each row, from 0, shape ``(n,)``.

    Examples
    --------
    >>> joined_groups(np.array([0, 1, 2, 2]), np.array([0, 0, 1, 2])).tolist()
    [0, 0, 1, 1]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    # A graph whose nodes are the groups and behind them the clusters; every row is an edge.
    n_groups = int(groups.max(initial=-1)) + 1
    n = n_groups + int(clusters.max(initial=-1)) + 1
    edges = (np.ones(len(groups), dtype=np.bool_), (groups, n_groups + clusters))
    _, component = connected_components(coo_matrix(edges, shape=(n, n)), directed=False)
    joined: Indices = np.unique(component[groups], return_inverse=True)[1].astype(np.int64)
    return joined


def whole_groups(
    groups: Indices, sizes: Indices, wanted: float, rng: np.random.Generator
) -> Indices:
    """Draw groups in random order, each taken if it still fits; at least the smallest one.

    Parameters
    ----------
    groups : Indices
        Groups to draw from, at least one.
    sizes : Indices
        Rows of each group, by its number.
    wanted : float
        How many rows are wanted.
    rng : np.random.Generator
        Source of chance.

    Returns
    -------
    Indices
        The groups drawn.
    """
    taken, total = [], 0
    for group in rng.permutation(groups).tolist():
        if total + sizes[group] <= wanted:
            taken.append(group)
            total += int(sizes[group])
    return np.array(taken or [groups[np.argmin(sizes[groups])]], dtype=np.int64)
