"""Rows dealt to folds for cross-validation."""

from __future__ import annotations

import numpy as np

from newsdesk.types import Indices

__all__ = ["deal"]


def deal(y: Indices, groups: Indices | None, *, n_folds: int, seed: int) -> Indices:
    """Deal the rows to folds: class by class, groups whole, so that rare classes are spread.

    Parameters
    ----------
    y : Indices
        Class indices, shape ``(n,)``.
    groups : Indices | None
        Rows that share a number stay in one fold, shape ``(n,)``; None parts all of them. A group
        is dealt with the class of its first row.
    n_folds : int
        At least 2; with fewer groups, as many folds as there are groups.
    seed : int
        Of the draw.

    Returns
    -------
    Indices
        Fold of each row, shape ``(n,)``, from 0.
    """
    groups = np.arange(len(y)) if groups is None else groups
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    rng = np.random.default_rng([seed, len(first)])
    order = rng.permutation(len(first))
    order = order[np.argsort(y[first[order]], kind="stable")]
    dealt = np.empty(len(first), dtype=np.int64)
    dealt[order] = np.arange(len(first)) % n_folds
    fold: Indices = dealt[member]
    return fold
