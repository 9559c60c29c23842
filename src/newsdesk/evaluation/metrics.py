"""The numbers of a classifier on rows that it did not see, each with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsdesk.errors import DataError
from newsdesk.evaluation.binary import BinaryMetrics, Pair
from newsdesk.evaluation.bootstrap import (
    absolute_sum_interval,
    mean_interval,
    resample,
    share_interval,
    unseen_variance,
)
from newsdesk.evaluation.intervals import Interval, design_effect, f1_interval, proportion_interval
from newsdesk.evaluation.replicates import Replicates
from newsdesk.evaluation.terms import SMALLEST, Terms
from newsdesk.types import Floats, Indices, LabelSet, Progress, Silent

__all__ = ["ClassMetrics", "Metrics", "measure"]

Values = NDArray[np.float64]

AVERAGES = (
    "accuracy",
    "macro_f1",
    "weighted_f1",
    "macro_precision",
    "macro_recall",
    "weighted_precision",
    "weighted_recall",
    "top_3_accuracy",
    "log_loss",
)


@dataclass(frozen=True)
class ClassMetrics:
    """Quality on one class; a ratio without a denominator is 0.

    Parameters
    ----------
    label : str
        The class.
    support : int
        Rows that are of this class.
    n_predicted : int
        Rows that were said to be of this class.
    precision : float
        Share of the rows said to be of this class that are.
    recall : float
        Share of the rows of this class that were said to be.
    f1 : float
        Harmonic mean of precision and recall.
    interval : tuple[float, float]
        95 % limits of ``f1``. F1 is ``2 J / (1 + J)`` of the Jaccard share J = hits over rows that
        are or were said to be of this class; J is a proportion and has Wilson limits.
    precision_interval : tuple[float, float]
        95 % Wilson limits.
    recall_interval : tuple[float, float]
        95 % Wilson limits.
    """

    label: str
    support: int
    n_predicted: int
    precision: float
    recall: float
    f1: float
    interval: Interval
    precision_interval: Interval
    recall_interval: Interval


@dataclass(frozen=True)
class Metrics:
    """Quality on n rows.

    Macro averages run over the classes that the rows hold or that were predicted, as scikit-learn
    does by default; weighted averages weigh a class by its support. A ratio without a denominator
    counts as 0.

    Parameters
    ----------
    n : int
        Rows measured.
    n_classes : int
        Classes of the label set.
    accuracy : float
        Share of right answers.
    macro_f1 : float
        Mean F1 of the classes.
    weighted_f1 : float
        Mean F1 of the classes, weighted by support.
    macro_precision : float
        Mean precision of the classes.
    macro_recall : float
        Mean recall of the classes.
    weighted_precision : float
        Mean precision, weighted by support.
    weighted_recall : float
        Mean recall, weighted by support; equals ``accuracy``.
    top_3_accuracy : float | None
        Share of rows whose class is among the three likeliest; none under 4 classes.
    log_loss : float
        Mean negative natural logarithm of the probability given to the right class.
    ece : float
        Expected calibration error, 15 bins of equal width (Guo et al. 2017, equation 3).
    intervals : dict[str, tuple[float, float]]
        95 % limits of each metric above, by name. The interval of ``ece`` is of the true error: the
        plain estimate exceeds that in small samples, so that it may lie above its own interval.
    per_class : tuple[ClassMetrics, ...]
        One per class, in the order of the label set.
    confusion : tuple[tuple[int, ...], ...]
        Row counts, true class by predicted class, each in the order of the label set.
    binary : BinaryMetrics | None
        Further metrics with two classes.
    """

    n: int
    n_classes: int
    accuracy: float
    macro_f1: float
    weighted_f1: float
    macro_precision: float
    macro_recall: float
    weighted_precision: float
    weighted_recall: float
    top_3_accuracy: float | None
    log_loss: float
    ece: float
    intervals: dict[str, Interval]
    per_class: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    binary: BinaryMetrics | None

    def confusion_table(self) -> pa.Table:
        """Lay out the confusion matrix with its names, ready to be written.

        Returns
        -------
        pa.Table
            One row per true class: its name under ``label``, then a column of counts per predicted
            class.
        """
        names = [item.label for item in self.per_class]
        columns = [pa.array(names, type=pa.large_string())]
        columns += [
            pa.array(column, type=pa.int64()) for column in zip(*self.confusion, strict=True)
        ]
        return pa.Table.from_arrays(columns, names=["label", *names])


def measure(
    proba: Floats,
    y: Indices,
    labels: LabelSet,
    *,
    clusters: Indices | None = None,
    threshold: float | None = None,
    n_bootstrap: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Metrics:
    """Measure probabilities against the truth.

    Parameters
    ----------
    proba : Floats
        Shape ``(n, k)``; rows sum to 1. Of equal probabilities the first class is the answer.
    y : Indices
        Class indices in ``[0, k)``, shape ``(n,)``; rows whose label is no class stay outside.
    labels : LabelSet
        The k class names.
    clusters : Indices | None
        Number of the duplicate cluster of each row, shape ``(n,)``; none means no duplicates.
    threshold : float | None
        With two classes: probability of the second class from which it is the answer; by default
        one half.
    n_bootstrap : int
        Bootstrap samples behind the intervals that are not of proportions; at least 2.
    seed : int
        Seed of the bootstrap.
    progress : Progress | None
        Where the bootstrap tells how far it is.

    Returns
    -------
    Metrics
        Every metric with its interval.

    Raises
    ------
    DataError
        If there is no row.
    """
    if not len(y):
        problem = "There is no row to measure on."
        remedy = "Give at least one row whose label is one of the trained classes."
        raise DataError(problem, remedy=remedy)
    assert n_bootstrap >= 2, "intervals need at least two bootstrap samples"
    n_clusters = len(y) if clusters is None else len(np.unique(clusters))
    if n_clusters == len(y):
        clusters = None
    terms = Terms(proba, y, clusters)
    pair = Pair(proba, y, threshold) if len(labels) == 2 else None
    samples = resample(
        len(y), clusters, n_bootstrap=n_bootstrap, seed=seed, progress=progress or Silent()
    )
    replicates = Replicates(terms, pair, samples)
    values, _ = terms.measure(np.ones(len(y)))
    gaps = terms.gaps(np.ones(len(y)))
    per_class = _per_class(terms, labels, clusters)
    intervals = _intervals(values, terms, per_class, replicates, clusters)
    intervals["ece"] = absolute_sum_interval(gaps, replicates.gaps, limit=1.0)
    if n_clusters == 1:
        # One observation says nothing of how far another would lie from it.
        intervals |= {"ece": (0.0, 1.0), "log_loss": (0.0, -log(SMALLEST))}
    return Metrics(
        n=len(y),
        n_classes=len(labels),
        **{name: values.get(name) for name in AVERAGES},  # type: ignore[arg-type]
        ece=float(np.abs(gaps).sum()),
        intervals=intervals,
        per_class=per_class,
        confusion=tuple(map(tuple, terms.confusion().tolist())),
        binary=None if pair is None else pair.summarise(labels[1], replicates.ranks, clusters),
    )


def _intervals(
    values: dict[str, float],
    terms: Terms,
    per_class: tuple[ClassMetrics, ...],
    replicates: Replicates,
    clusters: Indices | None,
) -> dict[str, Interval]:
    right = proportion_interval(terms.right, clusters)
    found = {"accuracy": right, "weighted_recall": right}
    if terms.among_3 is not None:
        found["top_3_accuracy"] = proportion_interval(terms.among_3, clusters)
    found["log_loss"] = mean_interval(
        values["log_loss"],
        terms.loss_error(np.ones(terms.n)),
        replicates.averages["log_loss"],
        replicates.loss_errors,
        limit=-log(SMALLEST),
    )
    n_rows = terms.n / design_effect(terms.right.astype(np.float64), clusters)
    support = np.array([item.support for item in per_class if item.support])
    # The rows behind a mean of shares that rest on so many rows each.
    n_macro = n_rows / terms.n * len(support) ** 2 / float((1 / support).sum())
    for name in ("weighted_f1", "weighted_precision"):
        found[name] = share_interval(values[name], replicates.averages[name], n_effective=n_rows)
    for name in ("f1", "precision", "recall"):
        found[f"macro_{name}"] = share_interval(
            values[f"macro_{name}"],
            replicates.averages[f"macro_{name}"],
            n_effective=n_macro,
            added=_added(name, per_class, replicates.variances[name]),
        )
    return found


def _added(
    name: str, per_class: tuple[ClassMetrics, ...], variances: Values
) -> tuple[float, float]:
    """Variance of a macro average that its rarest classes hide from the bootstrap."""
    used = [index for index, item in enumerate(per_class) if item.support + item.n_predicted]
    items = [per_class[index] for index in used]
    hits = np.array([round(item.recall * item.support) for item in items])
    support = np.array([item.support for item in items])
    predicted = np.array([item.n_predicted for item in items])
    trials = {"f1": support + predicted - hits, "precision": predicted, "recall": support}[name]
    limits_name = "interval" if name == "f1" else f"{name}_interval"
    below, above = unseen_variance(
        hits,
        trials,
        np.array([getattr(item, name) for item in items]),
        np.array([getattr(item, limits_name) for item in items]),
        variances[used],
    )
    return below / len(used) ** 2, above / len(used) ** 2


def _per_class(
    terms: Terms, labels: LabelSet, clusters: Indices | None
) -> tuple[ClassMetrics, ...]:
    ones = np.ones(terms.n)
    _, support, predicted = terms.counts(ones)
    _, shares = terms.measure(ones)
    found = []
    for index, label in enumerate(labels):
        actual, said = terms.y == index, terms.predicted == index
        of_said = None if clusters is None else clusters[said]
        of_actual = None if clusters is None else clusters[actual]
        found.append(
            ClassMetrics(
                label=label,
                support=int(support[index]),
                n_predicted=int(predicted[index]),
                precision=float(shares["precision"][index]),
                recall=float(shares["recall"][index]),
                f1=float(shares["f1"][index]),
                interval=f1_interval(actual, said, clusters),
                precision_interval=proportion_interval(actual[said], of_said),
                recall_interval=proportion_interval(said[actual], of_actual),
            )
        )
    return tuple(found)
