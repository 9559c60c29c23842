"""Texts that stand more than once: how often, with which labels, and on both sides of a split."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from newsdesk.data.corpus import Corpus
from newsdesk.inspection.examples import Example, take_examples
from newsdesk.types import Bools, Indices

__all__ = ["Cluster", "Duplicates", "Leaks", "find", "find_leaks"]

_SIZES = (2, 3, 4, 5, 10, 20, 50, 100)
"""Lower ends of the classes of size that clusters are counted by."""


@dataclass(frozen=True)
class Cluster:
    """Rows of one text.

    Parameters
    ----------
    n_rows : int
        How many.
    labels : tuple[tuple[str, int], ...]
        Their labels with the number of rows, most frequent first.
    examples : tuple[Example, ...]
        The first row, and the first row whose text differs from it, where one does.
    """

    n_rows: int
    labels: tuple[tuple[str, int], ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Duplicates:
    """All texts that stand more than once; rows without any text are left out.

    Parameters
    ----------
    n_clusters : int
        Texts that stand more than once.
    n_rows : int
        Their rows.
    n_surplus : int
        Rows that would go if each text stood once.
    n_conflicts : int
        Clusters whose rows have different labels.
    n_conflicting_rows : int
        Rows of such clusters.
    n_contradicted : int
        Rows whose label is not the most frequent one of their cluster: where texts are exactly
        equal, no classifier can have more of them right.
    sizes : tuple[tuple[int, int], ...]
        Lower end of a class of size and the clusters in it, ascending; empty ones in between
        are kept.
    largest : tuple[Cluster, ...]
        The largest clusters.
    conflicts : tuple[Cluster, ...]
        The largest clusters with different labels.
    """

    n_clusters: int
    n_rows: int
    n_surplus: int
    n_conflicts: int
    n_conflicting_rows: int
    n_contradicted: int
    sizes: tuple[tuple[int, int], ...]
    largest: tuple[Cluster, ...]
    conflicts: tuple[Cluster, ...]


@dataclass(frozen=True)
class Leaks:
    """Test rows that stand in train as well.

    Parameters
    ----------
    n_test : int
        Test rows.
    n_exact : int
        Of these, rows whose text stands in train word for word.
    n_near : int
        Of these, rows whose text or nearly the same text stands in train.
    """

    n_test: int
    n_exact: int
    n_near: int


def find(corpus: Corpus, clusters: Indices, with_text: Bools, most: int) -> Duplicates:
    """Describe the clusters of more than one row.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    clusters : Indices
        Cluster number of each row, shape ``(n,)``.
    with_text : Bools
        Rows that hold a text, shape ``(n,)``.
    most : int
        How many of the largest clusters are shown.

    Returns
    -------
    Duplicates
        The description.
    """
    rows = np.flatnonzero(with_text)
    rows = rows[np.argsort(clusters[rows], kind="stable")]
    _, starts, sizes = np.unique(clusters[rows], return_index=True, return_counts=True)
    repeated = np.flatnonzero(sizes > 1)
    number = np.repeat(np.arange(len(sizes)), sizes)
    pairs, pair_rows = np.unique(number * len(corpus.labels) + corpus.y[rows], return_counts=True)
    pair_cluster = pairs // len(corpus.labels)
    n_labels = np.bincount(pair_cluster, minlength=len(sizes))
    most_frequent = np.zeros(len(sizes), dtype=np.int64)
    np.maximum.at(most_frequent, pair_cluster, pair_rows)
    conflicting = np.flatnonzero(n_labels > 1)

    def largest(among: Indices) -> tuple[Cluster, ...]:
        first = among[np.argsort(-sizes[among], kind="stable")[:most]]
        return tuple(
            _cluster(corpus, rows[starts[index] : starts[index] + sizes[index]])
            for index in first.tolist()
        )

    return Duplicates(
        n_clusters=len(repeated),
        n_rows=int(sizes[repeated].sum()),
        n_surplus=int((sizes[repeated] - 1).sum()),
        n_conflicts=len(conflicting),
        n_conflicting_rows=int(sizes[conflicting].sum()),
        n_contradicted=int((sizes - most_frequent).sum()),
        sizes=_by_size(sizes[repeated]),
        largest=largest(repeated),
        conflicts=largest(conflicting),
    )


def _cluster(corpus: Corpus, rows: Indices) -> Cluster:
    counts = Counter(corpus.labels.decode(corpus.y[rows]))
    texts = corpus.documents.take(rows).texts
    other = next((at for at in range(1, len(rows)) if texts[at] != texts[0]), None)
    shown = rows[:1] if other is None else rows[[0, other]]
    return Cluster(len(rows), tuple(counts.most_common()), take_examples(corpus, shown, 2))


def _by_size(sizes: Indices) -> tuple[tuple[int, int], ...]:
    if not len(sizes):
        return ()
    place = np.searchsorted(_SIZES, sizes, side="right") - 1
    counts = np.bincount(place)
    return tuple(zip(_SIZES, counts.tolist(), strict=False))


def find_leaks(corpus: Corpus, test: Indices) -> Leaks:
    """Count test rows whose text stands among the other rows.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    test : Indices
        Positions of its test rows.

    Returns
    -------
    Leaks
        The counts.
    """
    in_test = np.zeros(len(corpus), dtype=np.bool_)
    in_test[test] = True
    exact, near = (
        np.isin(clusters[in_test], clusters[~in_test])
        for clusters in (corpus.duplicate_clusters, corpus.near_duplicate_clusters)
    )
    return Leaks(len(test), int(exact.sum()), int((exact | near).sum()))
