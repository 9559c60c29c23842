"""What each row adds to the metrics, computed once and then weighed once per bootstrap sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from newsdesk.evaluation.calibration import N_BINS, confidence_bins
from newsdesk.types import Bools, Floats, Indices

__all__ = ["SMALLEST", "Terms"]

Values = NDArray[np.float64]

SMALLEST = float(np.finfo(np.float32).eps)
"""Probabilities are float32: log loss reads none as smaller than their resolution at 1."""


class Terms:
    """Per-row terms of every metric that is an average or made of class counts.

    Parameters
    ----------
    proba : Floats
        Shape ``(n, k)``.
    y : Indices
        Class indices in ``[0, k)``, shape ``(n,)``.
    clusters : Indices | None
        Number of the duplicate cluster of each row, shape ``(n,)``; none means no duplicates.
    """

    def __init__(self, proba: Floats, y: Indices, clusters: Indices | None = None) -> None:
        self.n, self.k = proba.shape
        self.y = y
        self.predicted: Indices = proba.argmax(axis=1)
        self.right: Bools = self.predicted == y
        own = proba[np.arange(self.n), y]
        self.loss: Values = -np.log(np.clip(own.astype(np.float64), SMALLEST, 1 - SMALLEST))
        self._size, self._total = _cluster_sums(self.loss, clusters)
        self.among_3: Bools | None = _rank(proba, own, y) < 3 if self.k >= 4 else None
        confidence = proba.max(axis=1).astype(np.float64)
        self._bins = confidence_bins(confidence)
        self._overconfidence = confidence - self.right
        self._among_3 = None if self.among_3 is None else self.among_3.astype(np.float64)
        # Only cells that hold a row are weighed, so that many classes cost no more than few.
        cells, self._cell = np.unique(y * self.k + self.predicted, return_inverse=True)
        self._cell_true, self._cell_predicted = np.divmod(cells, self.k)
        self._diagonal = self._cell_true == self._cell_predicted

    def confusion(self) -> Indices:
        """Row counts, true class by predicted class.

        Returns
        -------
        Indices
            Shape ``(k, k)``.
        """
        matrix = np.zeros((self.k, self.k), dtype=np.int64)
        matrix[self._cell_true, self._cell_predicted] = np.bincount(self._cell)
        return matrix

    def counts(self, weights: Values) -> tuple[Values, Values, Values]:
        """Hits, support and predicted rows of each class.

        Parameters
        ----------
        weights : Values
            Weight of each row, shape ``(n,)``.

        Returns
        -------
        tuple[Values, Values, Values]
            Each of shape ``(k,)``.
        """
        cells = np.bincount(self._cell, weights=weights)
        hits = np.zeros(self.k)
        hits[self._cell_true[self._diagonal]] = cells[self._diagonal]
        support: Values = np.bincount(self._cell_true, cells, minlength=self.k).astype(np.float64)
        predicted = np.bincount(self._cell_predicted, cells, minlength=self.k).astype(np.float64)
        return hits, support, predicted

    def gaps(self, weights: Values) -> Values:
        """Mean confidence minus accuracy per bin of confidence, weighed by the rows in the bin.

        Parameters
        ----------
        weights : Values
            Weight of each row, shape ``(n,)``.

        Returns
        -------
        Values
            Shape ``(15,)``; the sum of its absolute values is the expected calibration error.
        """
        weighted = self._overconfidence * weights
        gaps: Values = np.bincount(self._bins, weighted, minlength=N_BINS) / weights.sum()
        return gaps

    def loss_error(self, weights: Values) -> float:
        """Compute the standard error of the mean log loss over whole clusters.

        Parameters
        ----------
        weights : Values
            Weight of each row, the same for all rows of a cluster; shape ``(n,)``.

        Returns
        -------
        float
            At least 0.
        """
        mean = (weights * self.loss).sum() / weights.sum()
        # Every row of a cluster carries its part of the cluster's squared residual.
        residual = (self._total - mean * self._size) ** 2 / self._size
        return float(np.sqrt((weights * residual).sum()) / weights.sum())

    def measure(self, weights: Values) -> tuple[dict[str, float], dict[str, Values]]:
        """Every metric of `newsdesk.evaluation.metrics.Metrics` except ``ece``.

        Parameters
        ----------
        weights : Values
            Weight of each row, shape ``(n,)``; not all 0.

        Returns
        -------
        tuple[dict[str, float], dict[str, Values]]
            Averages by name, without ``top_3_accuracy`` under 4 classes; then ``f1``,
            ``precision`` and ``recall`` of the classes, each of shape ``(k,)``.
        """
        hits, support, predicted = self.counts(weights)
        shares = {
            "f1": _share(2 * hits, support + predicted),
            "precision": _share(hits, predicted),
            "recall": _share(hits, support),
        }
        # No matrix product here: its threads cost more than they save, and change the last bits.
        n = weights.sum()
        n_used = np.count_nonzero(support + predicted)
        averages = {"accuracy": hits.sum() / n, "log_loss": (weights * self.loss).sum() / n}
        for name, values in shares.items():
            averages[f"macro_{name}"] = values.sum() / n_used
            averages[f"weighted_{name}"] = (values * support).sum() / n
        if self._among_3 is not None:
            averages["top_3_accuracy"] = (weights * self._among_3).sum() / n
        return {name: float(value) for name, value in averages.items()}, shares


def _cluster_sums(values: Values, clusters: Indices | None) -> tuple[Values, Values]:
    """Size of each row's cluster, and the sum of its values."""
    if clusters is None:
        return np.ones(len(values)), values
    number = np.unique(clusters, return_inverse=True)[1]
    sizes, sums = np.bincount(number).astype(np.float64), np.bincount(number, weights=values)
    return sizes[number], sums[number].astype(np.float64)


def _share(part: Values, whole: Values) -> Values:
    """Divide element by element; nothing over nothing is 0."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _rank(proba: Floats, own: Floats, y: Indices) -> Indices:
    """Classes ahead of the true one; of equal probabilities the earlier class is ahead."""
    earlier = np.arange(proba.shape[1]) < y[:, None]
    ahead = (proba > own[:, None]) | ((proba == own[:, None]) & earlier)
    rank: Indices = ahead.sum(axis=1)
    return rank
