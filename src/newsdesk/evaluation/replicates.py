"""The metrics of many bootstrap samples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from newsdesk.evaluation.binary import Pair
from newsdesk.evaluation.terms import Terms

__all__ = ["Replicates"]

Values = NDArray[np.float64]


class Replicates:
    """Weigh the rows by each sample in turn and keep what came of it.

    Parameters
    ----------
    terms : Terms
        The rows.
    pair : Pair | None
        The rows once more, with two classes.
    samples : Iterable[Values]
        Weights of the rows, each of shape ``(n,)``; at least one sample.
    """

    def __init__(self, terms: Terms, pair: Pair | None, samples: Iterable[Values]) -> None:
        averages: defaultdict[str, list[float]] = defaultdict(list)
        loss_errors: list[float] = []
        gaps: list[Values] = []
        ranks: list[tuple[float, float]] = []
        # Sums instead of one row per sample: with thousands of classes the rows would not fit.
        total: defaultdict[str, Values] = defaultdict(lambda: np.zeros(terms.k))
        squares: defaultdict[str, Values] = defaultdict(lambda: np.zeros(terms.k))
        for weights in samples:
            values, shares = terms.measure(weights)
            for name, value in values.items():
                averages[name].append(value)
            for name, per_class in shares.items():
                total[name] += per_class
                squares[name] += per_class**2
            loss_errors.append(terms.loss_error(weights))
            gaps.append(terms.gaps(weights))
            if pair is not None:
                ranks.append(pair.rank_quality(weights))
        n = len(gaps)
        self.averages = {name: np.array(values) for name, values in averages.items()}
        """Every average by name, each of shape ``(n_bootstrap,)``."""
        self.variances = {name: squares[name] / n - (total[name] / n) ** 2 for name in total}
        """Variance of each class's F1, precision and recall, by name, each of shape ``(k,)``."""
        self.loss_errors = np.array(loss_errors)
        """Standard error of the mean log loss, shape ``(n_bootstrap,)``."""
        self.gaps = np.array(gaps)
        """Calibration gaps, shape ``(n_bootstrap, 15)``."""
        self.ranks = np.array(ranks)
        """ROC-AUC and average precision, shape ``(n_bootstrap, 2)``; empty without a pair."""
