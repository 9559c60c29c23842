"""What the numbers mean, in sentences for someone who will not read the tables."""

from __future__ import annotations

from newsdesk.evaluation.intervals import Interval
from newsdesk.evaluation.metrics import Metrics

__all__ = ["cautions", "percent", "percent_range", "summarise"]

FEW_ROWS = 100
"""Below, a 95 % interval of an accuracy near .8 is wider than 15 points."""
FEW_PER_CLASS = 10
WIDE = 0.1
"""Width of the accuracy's interval from which only a coarse conclusion holds."""


def percent(share: float) -> str:
    """Write a share as a percentage with one decimal.

    Parameters
    ----------
    share : float
        In [0, 1].

    Returns
    -------
    str
        Such as ``"68.9 %"``; the space does not break.
    """
    return f"{100 * share:.1f}\u00a0%"


def percent_range(interval: Interval) -> str:
    """Write an interval of shares.

    Parameters
    ----------
    interval : Interval
        Limits in [0, 1].

    Returns
    -------
    str
        Such as ``"68.3–69.5 %"``.
    """
    return f"{100 * interval[0]:.1f}–{percent(interval[1])}"


def summarise(
    family: str,
    metrics: Metrics,
    without_leaked: Metrics | None,
    n_leaked: int,
    n_copies: int,
) -> str:
    """Say in a few sentences how good the classifier is.

    Parameters
    ----------
    family : str
        Name of the model family.
    metrics : Metrics
        On all test rows.
    without_leaked : Metrics | None
        On the test rows that have no near-duplicate in train or valid, where some have.
    n_leaked : int
        Test rows with an exact copy or a near-duplicate there.
    n_copies : int
        Test rows with an exact copy there.

    Returns
    -------
    str
        The summary.
    """
    texts = f"{metrics.n:,} unseen text{'s' if metrics.n > 1 else ''}"
    interval = percent_range(metrics.intervals["accuracy"])
    first = (
        f"{family} names the right one of {metrics.n_classes} classes for "
        f"{percent(metrics.accuracy)} of {texts} (95\u00a0% interval {interval})"
    )
    if metrics.top_3_accuracy is not None:
        first += f"; the right one is among its top 3 for {percent(metrics.top_3_accuracy)}"
    largest = max(metrics.per_class, key=lambda item: item.support)
    sentences = [
        first,
        f"Always answering “{largest.label}” would be right for "
        f"{percent(largest.support / metrics.n)}",
        f"Its stated probabilities are {percent(metrics.ece).replace('%', 'points')} away from "
        "what came true, on average",
    ]
    if without_leaked is not None:
        sentences.append(
            f"{_leaks(n_leaked, n_copies)} in the training data; without such rows it is right for "
            f"{percent(without_leaked.accuracy)}"
        )
    return ". ".join(sentences) + "."


def _leaks(n_leaked: int, n_copies: int) -> str:
    n_first = n_copies or n_leaked
    found = f"{n_first:,} test {'text stands' if n_first == 1 else 'texts stand'} "
    found += "word for word" if n_copies else "nearly word for word"
    return f"{found}, and {n_leaked - n_copies:,} nearly so," if 0 < n_copies < n_leaked else found


def cautions(metrics: Metrics) -> list[str]:
    """Say what these rows are too few to tell.

    Parameters
    ----------
    metrics : Metrics
        On all test rows.

    Returns
    -------
    list[str]
        Sentences; empty where there are rows enough.
    """
    found = []
    low, high = metrics.intervals["accuracy"]
    if metrics.n < FEW_ROWS:
        found.append(
            f"{metrics.n:,} test rows are too few to conclude much: the true accuracy may well be "
            f"anywhere in {percent_range((low, high))}."
        )
    elif high - low > WIDE:
        found.append(
            f"The accuracy is known to within {100 * (high - low):.0f} points only; more test rows "
            "would narrow that."
        )
    absent = [item.label for item in metrics.per_class if item.support == 0]
    rare = [item.label for item in metrics.per_class if 0 < item.support < FEW_PER_CLASS]
    if absent:
        found.append(f"No test row at all: {_name(absent)}. Nothing is known of such classes.")
    if rare:
        found.append(
            f"Fewer than {FEW_PER_CLASS} test rows: {_name(rare)}. Read such classes by their "
            "intervals, not by their values."
        )
    return found


def _name(labels: list[str]) -> str:
    shown = ", ".join(labels[:8])
    return f"{shown} and {len(labels) - 8:,} more" if len(labels) > 8 else shown
