"""When a climb has gone far enough, and which of its families is delivered."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Literal

import numpy as np

from newsdesk.evaluation.compare import compare
from newsdesk.training.result import Result
from newsdesk.types import Indices

__all__ = ["EQUAL", "Prefer", "choose", "given_up", "nothing_to_gain"]

Prefer = Literal["accuracy", "speed", "size"]

EQUAL = 0.005
"""Families whose valid macro-F1 is no further from the best one's are as good."""
_LEAST_GAIN = 0.002
"""A rung that brings less was not worth its time, …"""
_POSSIBLE_GAIN = 0.01
"""… if its true gain is not as large as this by the 95 % interval."""
_RUNGS = 2
"""After so many rungs of a kind that were not worth their time the others are not tried."""
_N_BOOTSTRAP = 300


def nothing_to_gain(results: Sequence[Result]) -> str | None:
    """Tell whether no rung could bring 0.002 of valid macro-F1 any more.

    Parameters
    ----------
    results : Sequence[Result]
        In the order of the climb.

    Returns
    -------
    str | None
        Why the climb ends, as a sentence; None while it goes on.
    """
    best = max((result.valid.macro_f1 for result in results), default=0.0)
    if best <= 1 - _LEAST_GAIN:
        return None
    return f"The climb ends: valid macro-F1 is {best:.3f}, and no rung can bring more."


def given_up(
    results: Sequence[Result], own: Container[str], y: Indices, clusters: Indices
) -> str | None:
    """Tell whether rungs of one kind are not worth their time any more, by valid rows alone.

    They are not after two of the kind in a row that have brought less than 0.002 of macro-F1 beyond
    the best rung before them, with intervals of 95 % that end below 0.01.

    Parameters
    ----------
    results : Sequence[Result]
        In the order of the climb.
    own : Container[str]
        Names of the families of that kind.
    y : Indices
        Class index of each row of the corpus, shape ``(n,)``.
    clusters : Indices
        Rows with equal numbers are one text, shape ``(n,)``.

    Returns
    -------
    str | None
        Why, without a full stop; None while they are worth it.
    """
    values = [result.valid.macro_f1 for result in results]
    # The first rung of a climb has none before it to be measured by.
    places = [at for at, result in enumerate(results) if at and result.family in own]
    if len(places) < _RUNGS:
        return None
    for at in places[-_RUNGS:]:
        before = max(range(at), key=values.__getitem__)
        if values[at] - values[before] >= _LEAST_GAIN:
            return None
        if _largest_gain(results[at], results[before], y, clusters) >= _POSSIBLE_GAIN:
            return None
    names = " and ".join(results[at].family for at in places[-_RUNGS:])
    return (
        f"{names}, which know texts by the same things, have each brought less than {_LEAST_GAIN} "
        f"of valid macro-F1, and {_POSSIBLE_GAIN} is beyond their 95 % intervals"
    )


def _largest_gain(result: Result, other: Result, y: Indices, clusters: Indices) -> float:
    """Upper end of the interval of a gain in macro-F1, on the rows that both were held out of."""
    rows, ours, theirs = np.intersect1d(
        result.valid_rows, other.valid_rows, assume_unique=True, return_indices=True
    )
    if not len(rows):
        return 1.0
    _, macro_f1 = compare(
        result.valid_proba[ours],
        other.valid_proba[theirs],
        y[rows],
        names=(result.family, other.family),
        clusters=clusters[rows],
        n_bootstrap=_N_BOOTSTRAP,
    )
    return macro_f1.interval[1]


def choose(
    results: Sequence[Result], prefer: Prefer, size: Callable[[Result], float]
) -> list[Result]:
    """Put the family that is delivered first, the others behind it by valid macro-F1.

    Parameters
    ----------
    results : Sequence[Result]
        In the order of the climb, at least one.
    prefer : Prefer
        ``"accuracy"``: the best by valid macro-F1. ``"speed"``: of those within 0.005 of the best
        one the fastest to predict. ``"size"``: of those the one with the smallest bundle.
    size : Callable[[Result], float]
        Size of a result's bundle; asked only where it matters.

    Returns
    -------
    list[Result]
        All of them. Of equal ones the first of the climb comes first: it is the cheaper one.
    """
    ranked = sorted(results, key=lambda result: -result.valid.macro_f1)
    best = ranked[0].valid.macro_f1
    good = [result for result in ranked if best - result.valid.macro_f1 <= EQUAL]
    if prefer == "speed":
        chosen = max(good, key=lambda result: result.costs.predict_docs_per_second)
    elif prefer == "size" and len(good) > 1:
        chosen = min(good, key=size)
    else:
        chosen = ranked[0]
    return [chosen, *(result for result in ranked if result is not chosen)]
