"""Rows that are dropped from train when that is asked for: empty ones and duplicates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from newsdesk.data.assembly import empty_rows
from newsdesk.data.corpus import Corpus
from newsdesk.data.recorded_split import part
from newsdesk.data.wording import counted, listed
from newsdesk.types import Bools, Indices

__all__ = ["without_duplicates", "without_empty"]


def without_empty(corpus: Corpus) -> Corpus:
    """Drop the train rows that have no text.

    Parameters
    ----------
    corpus : Corpus
        n rows with a split column.

    Returns
    -------
    Corpus
        The rows that are left: all of valid and test, and at least one train row of each class
        that has one.
    """
    in_train, empty = part(corpus, "train"), empty_rows(corpus.documents)
    held = int((empty & ~in_train).sum())
    lines = [f"  {counted(held)} of valid and test without any text kept"] if held else []
    return _dropped(corpus, in_train, empty & in_train, "empty train row", lines)


def without_duplicates(corpus: Corpus, kind: Literal["exact", "near"]) -> Corpus:
    """Drop the train rows that say what another row says.

    A train row goes if its cluster holds a row of valid or test, or an earlier train row; labels
    play no part in it.

    Parameters
    ----------
    corpus : Corpus
        n rows with a split column.
    kind : Literal["exact", "near"]
        Which clusters: of exactly the same text, or of nearly the same.

    Returns
    -------
    Corpus
        The rows that are left: all of valid and test, and at least one train row of each class
        that has one.
    """
    near = kind == "near"
    clusters = corpus.near_duplicate_clusters if near else corpus.duplicate_clusters
    in_train = part(corpus, "train")
    n_clusters = int(clusters.max(initial=-1)) + 1
    held_out = np.zeros(n_clusters, dtype=bool)
    held_out[clusters[~in_train]] = True
    of_held_out = in_train & held_out[clusters]
    train = np.flatnonzero(in_train)
    first = np.zeros(len(corpus), dtype=bool)
    first[train[np.unique(clusters[train], return_index=True)[1]]] = True
    of_train = in_train & ~of_held_out & ~first
    gone = of_held_out | of_train
    lines = [*_conflicts(corpus, clusters)]
    if gone.any():
        lines.append(
            f"  {int(of_held_out.sum()):,} as copies of a valid or test row, "
            f"{int(of_train.sum()):,} of an earlier train row"
        )
    what = "near-duplicate train row" if near else "duplicate train row"
    return _dropped(corpus, in_train, gone, what, lines)


def _conflicts(corpus: Corpus, clusters: Indices) -> Iterator[str]:
    """Say how many clusters hold several rows, and how many of them several labels."""
    sizes = np.bincount(clusters)
    lowest = np.full(len(sizes), len(corpus.labels), dtype=np.int64)
    highest = np.full(len(sizes), -1, dtype=np.int64)
    np.minimum.at(lowest, clusters, corpus.y)
    np.maximum.at(highest, clusters, corpus.y)
    several = sizes > 1
    mixed = several & (lowest < highest)
    if several.any():
        yield (
            f"  {counted(int(sizes[several].sum()))} of train, valid and test stand in "
            f"{counted(int(several.sum()), 'cluster')} of several rows"
        )
    if mixed.any():
        yield (
            f"  conflicting labels: {counted(int(sizes[mixed].sum()))} stand in "
            f"{counted(int(mixed.sum()), 'cluster')} of several labels"
        )


def _dropped(
    corpus: Corpus, in_train: Bools, gone: Bools, what: str, lines: Sequence[str]
) -> Corpus:
    """Drop rows, but no class's last train row, and log it."""
    n_found = int(gone.sum())
    spared = _last_of_class(corpus.y, in_train, gone)
    if len(spared):
        gone = gone.copy()
        gone[spared] = False
        names = sorted(set(corpus.labels.decode(corpus.y[spared])))
        lines = [*lines, f"  {counted(len(spared))} kept as the last of a class: {listed(names)}"]
    left = corpus.take(np.flatnonzero(~gone)) if gone.any() else corpus
    line = f"{counted(n_found, what)} found, {int(gone.sum()):,} dropped: {counted(len(left))} left"
    return left.with_changes(steps=(*corpus.steps, line, *lines))


def _last_of_class(y: Indices, in_train: Bools, gone: Bools) -> Indices:
    """Find the first train row of each class that would lose all of them."""
    lost = np.setdiff1d(y[in_train], y[in_train & ~gone])
    rows = np.flatnonzero(in_train & np.isin(y, lost))
    return rows[np.unique(y[rows], return_index=True)[1]]
