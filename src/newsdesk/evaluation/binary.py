"""Metrics that exist with two classes only: ranking quality and a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from newsdesk.evaluation.bootstrap import share_interval
from newsdesk.evaluation.intervals import f1_interval, proportion_interval
from newsdesk.types import Bools, Floats, Indices

__all__ = ["BinaryMetrics", "Pair"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class BinaryMetrics:
    """Quality of the second class of a label set against the first.

    Parameters
    ----------
    positive : str
        The class that counts as positive: the second of the label set.
    roc_auc : float | None
        Area under the ROC curve; none where the rows hold one class only.
    average_precision : float | None
        Mean precision over the recall steps; none where the rows hold one class only.
    threshold : float
        Probability of the positive class from which it is the answer.
    precision : float
        At the threshold.
    recall : float
        At the threshold.
    f1 : float
        At the threshold.
    intervals : dict[str, tuple[float, float]]
        95 % limits of every number above that is defined, except the threshold.
    """

    positive: str
    roc_auc: float | None
    average_precision: float | None
    threshold: float
    precision: float
    recall: float
    f1: float
    intervals: dict[str, tuple[float, float]]


class Pair:
    """Rows of two classes, ranked by the probability of the second, ready to be weighed.

    Parameters
    ----------
    proba : Floats
        Shape ``(n, 2)``.
    y : Indices
        Class indices 0 and 1, shape ``(n,)``.
    threshold : float | None
        Probability of the second class from which it is the answer; none means one half.
    """

    def __init__(self, proba: Floats, y: Indices, threshold: float | None) -> None:
        self._threshold = 0.5 if threshold is None else threshold
        self._actual: Bools = y == 1
        self._said: Bools = proba[:, 1] >= self._threshold
        self._order = np.argsort(-proba[:, 1], kind="stable")
        ranked = proba[self._order, 1]
        # Rows of equal probability cannot be told apart: the curve has one step for all of them.
        self._steps = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
        self._ranked_actual = self._actual[self._order].astype(np.float64)

    def rank_quality(self, weights: Values) -> tuple[float, float]:
        """Area under the ROC curve and average precision.

        Average precision is the sum of precision times the step in recall, as in scikit-learn's
        ``average_precision_score``.

        Parameters
        ----------
        weights : Values
            Weight of each row, shape ``(n,)``.

        Returns
        -------
        tuple[float, float]
            ROC-AUC and average precision in [0, 1]; NaN where the weighted rows hold one class.
        """
        ranked = weights[self._order]
        hits = np.cumsum(ranked * self._ranked_actual)[self._steps]
        seen = np.cumsum(ranked)[self._steps]
        n_positive, n_negative = hits[-1], seen[-1] - hits[-1]
        if n_positive <= 0 or n_negative <= 0:
            return nan, nan
        true = np.concatenate([[0.0], hits]) / n_positive
        false = np.concatenate([[0.0], seen - hits]) / n_negative
        area = (np.diff(false) * (true[1:] + true[:-1]) / 2).sum()
        precision = np.divide(hits, seen, out=np.zeros(len(hits)), where=seen > 0)
        return float(area), float((np.diff(true) * precision).sum())

    def summarise(
        self, positive: str, replicates: Values, clusters: Indices | None
    ) -> BinaryMetrics:
        """Put the numbers and their intervals together.

        Parameters
        ----------
        positive : str
            Name of the second class.
        replicates : Values
            `rank_quality` of each bootstrap sample, shape ``(n_bootstrap, 2)``.
        clusters : Indices | None
            Cluster number of each row, shape ``(n,)``; none means no duplicates.

        Returns
        -------
        BinaryMetrics
            The metrics.
        """
        actual, said = self._actual, self._said
        n_said, n_actual, n_hits = int(said.sum()), int(actual.sum()), int((said & actual).sum())
        intervals = {
            "precision": proportion_interval(actual[said], _pick(clusters, said)),
            "recall": proportion_interval(said[actual], _pick(clusters, actual)),
            "f1": f1_interval(actual, said, clusters),
        }
        # Ranking rests on pairs of one row from each class, so the smaller class sets its weight.
        fewer = min(n_actual, len(actual) - n_actual)
        roc_auc, average_precision = quality = self.rank_quality(np.ones(len(actual)))
        for column, name in enumerate(("roc_auc", "average_precision")):
            if not isnan(roc_auc):
                intervals[name] = share_interval(
                    quality[column], replicates[:, column], n_effective=fewer
                )
        return BinaryMetrics(
            positive=positive,
            roc_auc=None if isnan(roc_auc) else roc_auc,
            average_precision=None if isnan(average_precision) else average_precision,
            threshold=self._threshold,
            precision=n_hits / n_said if n_said else 0.0,
            recall=n_hits / n_actual if n_actual else 0.0,
            f1=2 * n_hits / (n_said + n_actual) if n_said + n_actual else 0.0,
            intervals=intervals,
        )


def _pick(clusters: Indices | None, rows: Bools) -> Indices | None:
    return None if clusters is None else clusters[rows]
