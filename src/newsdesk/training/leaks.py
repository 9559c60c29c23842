"""Texts of a run that stand on both sides of its split."""

from __future__ import annotations

from typing import NamedTuple

from newsdesk.data import split as splits
from newsdesk.data.corpus import Corpus
from newsdesk.data.groups import column_groups, joined_groups
from newsdesk.data.split import Split
from newsdesk.types import Bools, Indices, Progress

__all__ = ["Leaks", "find_leaks", "fold_groups"]


class Leaks(NamedTuple):
    """Test rows whose text stands in train or valid, and what counts as one text."""

    exact: Bools
    """Test rows with an exact copy there, shape ``(n_test,)``."""
    near: Bools
    """Test rows with an exact copy or a near-duplicate there; the exact ones alone where
    near-duplicates were not looked for."""
    clusters: Indices
    """Rows of the corpus with equal numbers are one text, shape ``(n,)``."""


def find_leaks(
    corpus: Corpus, split: Split, *, near: bool, forbid: bool, progress: Progress
) -> Leaks:
    """Find the leaks of a split.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    split : Split
        Its split.
    near : bool
        Whether near-duplicates are looked for.
    forbid : bool
        Whether to raise if there is an exact copy.
    progress : Progress
        Told of the search.

    Returns
    -------
    Leaks
        The leaks.

    Raises
    ------
    LeakageError
        If there is an exact copy and that is forbidden.
    """
    exact = splits.leaked(corpus, split, forbid=forbid)
    clusters = splits.clusters_of(corpus, near=near, progress=progress)
    return Leaks(exact, splits.leaked(corpus, split, near=near), clusters)


def fold_groups(corpus: Corpus, split: Split, clusters: Indices) -> Indices:
    """Number the rows that folds must not part: those of a cluster and those of a group.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    split : Split
        Its split; a grouped one names the groups.
    clusters : Indices
        Rows with equal numbers are one text, shape ``(n,)``.

    Returns
    -------
    Indices
        Shape ``(n,)``, from 0.
    """
    kind, _, rest = split.spec.partition(":")
    if kind != "grouped":
        return clusters
    groups, _ = column_groups(corpus, rest.rpartition(":")[0])
    return joined_groups(groups, clusters)
