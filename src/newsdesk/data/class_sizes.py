"""How many rows each class has: rare classes dropped or merged, the others balanced."""

from __future__ import annotations

from typing import Literal

import numpy as np

from newsdesk.data.corpus import Corpus
from newsdesk.data.wording import counted, listed
from newsdesk.errors import LabelError
from newsdesk.types import Indices, LabelSet

__all__ = ["absent_note", "balance", "without_rare"]

_NAMED = 50
"""Rare classes that the log names, each on a line of its own."""


def without_rare(corpus: Corpus, min_count: int, other: str | None) -> Corpus:
    """Drop the classes of too few rows, or merge them into one.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    min_count : int
        Fewest rows of a class that stays.
    other : str | None
        Class that the others are merged into, which may exist; None drops their rows.

    Returns
    -------
    Corpus
        The rows that are left, with the classes that are left.

    Raises
    ------
    LabelError
        If fewer than two classes are left.
    """
    counts = corpus.class_counts
    rare = np.flatnonzero(counts < min_count)
    if not len(rare):
        return _logged(corpus, f"no class has fewer than {counted(min_count)}")
    names = [name for index, name in enumerate(corpus.labels) if counts[index] >= min_count]
    left = sorted({*names, *(() if other is None else (other,))})
    if len(left) < 2:
        problem = (
            f"Of {counted(len(corpus.labels), 'class')}, {len(left)} would be left: the others "
            f"have fewer than {counted(min_count)}."
        )
        raise LabelError(problem, remedy="Name a lower number with min_count= (--min-count).")
    act = "dropped" if other is None else f"merged into {other}"
    lines = [
        f"{counted(len(rare), 'class')} of fewer than {counted(min_count)} {act}: "
        f"{counted(int(counts[rare].sum()))}"
    ]
    rarest_last = rare[np.argsort(-counts[rare], kind="stable")]
    lines += [f"  {corpus.labels[i]}: {counted(int(counts[i]))}" for i in rarest_last[:_NAMED]]
    if len(rare) > _NAMED:
        rest = counts[rarest_last[_NAMED:]]
        lines.append(f"  and {len(rest):,} more: {counted(int(rest.sum()))}")
    labels = LabelSet(left)
    codes = labels.encode(corpus.labels)
    if other is not None:
        codes[codes < 0] = labels.find(other)
    merged = corpus.with_changes(y=codes[corpus.y], labels=labels)
    return _logged(merged.take(np.flatnonzero(merged.y >= 0)) if other is None else merged, *lines)


def balance(corpus: Corpus, n: int | Literal["smallest"], seed: int) -> Corpus:
    """Draw the same number of rows of each class.

    Parameters
    ----------
    corpus : Corpus
        The rows.
    n : int | Literal["smallest"]
        Rows of each class, without replacement; ``"smallest"`` for as many as the smallest has.
        A class of fewer rows keeps all.
    seed : int
        Seed of the draw.

    Returns
    -------
    Corpus
        The rows drawn, in their order.
    """
    counts = corpus.class_counts
    wanted = int(counts[counts > 0].min()) if n == "smallest" else n
    rank = _random_rank(corpus.y, counts, seed)
    chosen = corpus.take(np.flatnonzero(rank < wanted))
    line = (
        f"{counted(wanted)} of each class drawn with seed {seed}: "
        f"{len(chosen):,} of {counted(len(corpus))}"
    )
    short = [
        f"{corpus.labels[index]} ({counts[index]:,})"
        for index in np.argsort(counts, kind="stable").tolist()
        if 0 < counts[index] < wanted
    ]
    if not short:
        return _logged(chosen, line)
    verb = "has" if len(short) == 1 else "have"
    fewer = f"  {counted(len(short), 'class')} {verb} fewer and kept all: {listed(short)}"
    return _logged(chosen, line, fewer)


def _random_rank(y: Indices, counts: Indices, seed: int) -> Indices:
    """Place of each row in a random order of its class, from 0."""
    shuffled = np.random.default_rng(seed).permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(y), dtype=np.int64)
    rank[by_class] = np.arange(len(y)) - np.repeat(starts, counts)
    return rank


def _logged(corpus: Corpus, *lines: str) -> Corpus:
    return corpus.with_changes(steps=(*corpus.steps, *lines))


def absent_note(corpus: Corpus, train: Indices) -> str | None:
    """Say which classes have no train row.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    train : Indices
        Those that train.

    Returns
    -------
    str | None
        One sentence without its full stop; None if each class has one.
    """
    y = corpus.y[train]
    in_train = np.bincount(y[y >= 0], minlength=len(corpus.labels))
    absent = [corpus.labels[index] for index in np.flatnonzero(in_train == 0).tolist()]
    if not absent:
        return None
    verb = "has" if len(absent) == 1 else "have"
    return f"{counted(len(absent), 'class')} {verb} no row in train: {listed(absent)}"
