"""The gate: whether a candidate may take the place of the served version.

Two questions are asked, of different kinds.

On all rows, in accuracy and macro-F1: is it *shown* that the candidate is hardly worse? The 95 %
interval of the paired difference must lie above ``-margin`` (a test of non-inferiority at 2.5 %;
Piaggio et al. 2012, "Reporting of noninferiority and equivalence randomized trials: extension of
the CONSORT 2010 statement"). Few rows show little: then the answer is no.

On each class of 100 rows or more, in F1: is it *shown* that the candidate is worse by more than the
margin? The paired interval must not lie below ``-margin``: rows are drawn by chance, but so are
seeds, and trainings that differ in nothing else differ on a large class by a few tenths of a point
that its rows suffice to show. So many looks would find something by chance, so each interval has a
confidence of ``1 - 0.05 / m`` for m classes (Bonferroni; Dunn 1961, "Multiple comparisons among
means"): with equally good bundles all of them hold 0 in 95 of 100 promotions. F1 and not recall:
each training draws the lines between classes a little elsewhere, and what a class then loses in
recall it gains in precision, and its neighbours the other way round. Nobody is worse off by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from newsdesk.errors import RefusedError
from newsdesk.evaluation.compare import METRICS, compare, f1, paired_f1
from newsdesk.evaluation.intervals import CONFIDENCE, Interval
from newsdesk.evaluation.terms import Terms
from newsdesk.predictions import Predictions
from newsdesk.types import Floats, Indices, LabelSet, Progress

__all__ = ["FEWEST_ROWS", "MARGIN", "Line", "Outcome", "Verdict", "joint_labels", "judge"]

MARGIN = 0.005
"""Share of rows, and of F1, that a candidate may be worse by: half a point."""
FEWEST_ROWS = 100
"""Test rows from which on a class is judged for itself."""

Outcome = Literal[
    "better", "not worse", "slightly worse", "worse", "not shown", "not judged", "new"
]


@dataclass(frozen=True)
class Line:
    """One comparison.

    Parameters
    ----------
    metric : str
        ``"accuracy"``, ``"macro_f1"`` or, of a class, ``"f1"``.
    label : str | None
        The class, for ``"f1"``.
    n : int
        Rows that it rests on; of a class, its own.
    served : float
        Value of the served version.
    candidate : float
        Value of the candidate.
    interval : Interval
        Limits of the difference, candidate minus served; those of a class are wider, for all
        classes at once.
    outcome : Outcome
        ``"slightly worse"`` where a loss is shown but none beyond the margin, ``"not shown"`` where
        the candidate may be worse by more than the margin; ``"new"`` for a class that the served
        version does not know; ``"not judged"`` for one of few rows.
    """

    metric: str
    label: str | None
    n: int
    served: float
    candidate: float
    interval: Interval
    outcome: Outcome

    @property
    def name(self) -> str:
        """What is compared, in words."""
        return METRICS[self.metric] if self.label is None else f"F1 of {self.label}"

    @property
    def difference(self) -> float:
        """Candidate minus served."""
        return self.candidate - self.served


@dataclass(frozen=True)
class Verdict:
    """What the comparison says.

    Parameters
    ----------
    lines : tuple[Line, ...]
        Accuracy, macro-F1, then the classes by falling number of rows.
    reasons : tuple[str, ...]
        Why the candidate is refused; none where it is not.
    n : int
        Rows that both were measured on.
    margin : float
        As it was allowed.
    """

    lines: tuple[Line, ...]
    reasons: tuple[str, ...]
    n: int
    margin: float

    @property
    def numbers(self) -> dict[str, object]:
        """What the history keeps: plain values."""
        lines = [
            {
                "metric": line.metric,
                "label": line.label,
                "n": line.n,
                "served": line.served,
                "candidate": line.candidate,
                "interval": list(line.interval),
                "outcome": line.outcome,
            }
            for line in self.lines
        ]
        return {"n": self.n, "margin": self.margin, "reasons": list(self.reasons), "lines": lines}

    def check(self) -> None:
        """Refuse a candidate that did not pass.

        Raises
        ------
        RefusedError
            If there is a reason against it.
        """
        if self.reasons:
            problem = f"The candidate is not promoted: {'; '.join(self.reasons)}."
            remedy = (
                "Train it better, give more test rows, allow more (--margin), or promote it all "
                "the same (--force REASON)."
            )
            raise RefusedError(problem, remedy=remedy)


def joint_labels(served: LabelSet, candidate: LabelSet) -> LabelSet:
    """Put the classes of both together.

    Parameters
    ----------
    served : LabelSet
        Classes of the served version.
    candidate : LabelSet
        Classes of the candidate.

    Returns
    -------
    LabelSet
        Sorted by code point.
    """
    return LabelSet(sorted({*served.names, *candidate.names}))


def judge(
    served: Predictions,
    candidate: Predictions,
    y: Indices,
    *,
    clusters: Indices | None = None,
    margin: float = MARGIN,
    progress: Progress | None = None,
) -> Verdict:
    """Compare a candidate with the served version on the same rows.

    Parameters
    ----------
    served : Predictions
        Answers of the served version, n rows.
    candidate : Predictions
        Answers of the candidate, to the same rows.
    y : Indices
        Class indices among `joint_labels` of the two, shape ``(n,)``, n at least 1.
    clusters : Indices | None
        Number of the duplicate cluster of each row, shape ``(n,)``; none means no duplicates.
    margin : float
        What the candidate may be worse by in accuracy, in macro-F1 and in the F1 of a class, at
        least 0.
    progress : Progress | None
        Told of the bootstrap.

    Returns
    -------
    Verdict
        Every comparison, and what speaks against the candidate.
    """
    labels = joint_labels(served.label_set, candidate.label_set)
    theirs, ours = _columns(served, labels), _columns(candidate, labels)
    lines = _averages(ours, theirs, y, clusters, margin, progress)
    lines += _classes(ours, theirs, y, clusters, labels, served.label_set, margin)
    missing = [name for name in served.label_set if candidate.label_set.find(name) < 0]
    reasons = [f"it lacks the class {name}, which is served" for name in missing]
    reasons += [_reason(line, margin) for line in lines if line.outcome in ("worse", "not shown")]
    return Verdict(tuple(lines), tuple(reasons), len(y), margin)


def _columns(predictions: Predictions, labels: LabelSet) -> Floats:
    """Probabilities of all classes; 0 for one that is not known."""
    proba = np.zeros((len(predictions), len(labels)), dtype=np.float32)
    proba[:, labels.encode(predictions.label_set.names)] = predictions.proba
    return proba


def _averages(
    ours: Floats,
    theirs: Floats,
    y: Indices,
    clusters: Indices | None,
    margin: float,
    progress: Progress | None,
) -> list[Line]:
    everything = np.ones(len(y))
    own = Terms(ours, y).measure(everything)[0]
    other = Terms(theirs, y).measure(everything)[0]
    compared = compare(
        ours, theirs, y, names=("candidate", "served"), clusters=clusters, progress=progress
    )
    lines = []
    for found in compared:
        low, high = found.interval
        beyond: Outcome = "worse" if high < 0 else "not shown"
        outcome = _held(low, high) if low > -margin else beyond
        values = other[found.metric], own[found.metric]
        lines.append(Line(found.metric, None, len(y), *values, found.interval, outcome))
    return lines


def _classes(
    ours: Floats,
    theirs: Floats,
    y: Indices,
    clusters: Indices | None,
    labels: LabelSet,
    known: LabelSet,
    margin: float,
) -> list[Line]:
    said, other_said = ours.argmax(axis=1), theirs.argmax(axis=1)
    support = np.bincount(y, minlength=len(labels))
    judged = [
        known.find(name) >= 0 and n >= FEWEST_ROWS
        for name, n in zip(labels, support.tolist(), strict=True)
    ]
    confidence = 1 - (1 - CONFIDENCE) / max(sum(judged), 1)
    lines = []
    for index in np.argsort(-support, kind="stable").tolist():
        if not support[index]:
            continue
        actual, own, other = (each == index for each in (y, said, other_said))
        low, high = paired_f1(own, other, actual, clusters, confidence=confidence)
        outcome = "worse" if high < -margin else _held(low, high)
        if not judged[index]:
            outcome = "new" if known.find(labels[index]) < 0 else "not judged"
        values = f1(other, actual), f1(own, actual)
        lines.append(Line("f1", labels[index], int(support[index]), *values, (low, high), outcome))
    return lines


def _held(low: float, high: float) -> Outcome:
    return "better" if low > 0 else "slightly worse" if high < 0 else "not worse"


def _reason(line: Line, margin: float) -> str:
    low, high = (100 * limit for limit in line.interval)
    if line.label is not None:
        return (
            f"it is worse on {line.label} (F1 {100 * line.difference:+.1f} points, "
            f"{low:+.1f} to {high:+.1f} on {line.n:,} rows)"
        )
    found = f"{line.name} {100 * line.difference:+.1f} points, {low:+.1f} to {high:+.1f}"
    if line.outcome == "worse":
        return f"it is worse ({found})"
    return f"it may be worse by more than {100 * margin:g} points ({found} on {line.n:,} rows)"
