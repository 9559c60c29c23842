"""Scores to probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import DivergedError
from newsdesk.predictions.scores import Output, softmax
from newsdesk.predictions.sigmoids import fit_sigmoids
from newsdesk.types import Bools, Floats, Indices

__all__ = ["Calibrator"]


@dataclass(frozen=True, eq=False)
class Calibrator:
    """Scores to probabilities; fitted on documents that the classifier did not train on.

    Softmax logits get one temperature (Guo et al. 2017, "On Calibration of Modern Neural
    Networks", section 4.2). One-vs-rest margins get a sigmoid per class (Platt 1999, with the
    targets of Lin, Lin & Weng 2007, equation 5), whose log-probabilities are then normalised
    over the classes with one temperature.

    Parameters
    ----------
    slope : Floats
        Sigmoid slopes, shape ``(k,)``; empty for logits.
    offset : Floats
        Sigmoid offsets, shape ``(k,)``; empty for logits.
    temperature : float
        Positive; above 1 flattens.
    threshold : float | None
        With two classes: the probability of the second class from which it is the answer with
        the highest F1 on the rows of the fit. Reported, never applied silently.
    """

    slope: Floats
    offset: Floats
    temperature: float = 1.0
    threshold: float | None = None

    @classmethod
    def fit(cls, scores: Floats, y: Indices, output: Output) -> Calibrator:
        """Fit on held-out scores.

        Parameters
        ----------
        scores : Floats
            Shape ``(n, k)``.
        y : Indices
            Class indices, shape ``(n,)``.
        output : Output
            What the scores are.

        Returns
        -------
        Calibrator
            The fitted calibrator.

        Raises
        ------
        DivergedError
            If a score is not finite.
        """
        if not np.isfinite(scores).all():
            raise DivergedError(
                "The held-out scores are not finite.", remedy="Lower C or the rate."
            )
        k = scores.shape[1]
        if output == "margins":
            slope, offset = fit_sigmoids(scores, y, k)
        else:
            slope = offset = np.zeros(0, dtype=np.float32)
        flat = cls(slope=slope, offset=offset)
        logits = flat._logits(scores).astype(np.float64)
        calibrated = cls(slope=slope, offset=offset, temperature=_temperature(logits, y))
        threshold = _best_threshold(calibrated.apply(scores)[:, 1], y == 1) if k == 2 else None
        return cls(slope, offset, calibrated.temperature, threshold)

    @classmethod
    def cross_apply(cls, scores: Floats, y: Indices, output: Output) -> Floats:
        """Calibrate held-out scores by calibrators that were fitted on other rows.

        Parameters
        ----------
        scores : Floats
            Shape ``(n, k)``.
        y : Indices
            Class indices, shape ``(n,)``.
        output : Output
            What the scores are.

        Returns
        -------
        Floats
            Float32, shape ``(n, k)``: each half of the rows by the calibrator of the other.
        """
        half = np.arange(len(y)) % 2 == 0
        proba = np.empty_like(scores)
        for own in (half, ~half):
            if own.any():
                others = ~own if (~own).any() else own
                proba[own] = cls.fit(scores[others], y[others], output).apply(scores[own])
        return proba

    def apply(self, scores: Floats) -> Floats:
        """Turn scores into probabilities.

        Parameters
        ----------
        scores : Floats
            Shape ``(n, k)``.

        Returns
        -------
        Floats
            Float32, shape ``(n, k)``; rows sum to 1. A row depends on no other row.
        """
        return softmax(self._logits(scores) / np.float32(self.temperature))

    def log_odds(self, scores: Floats) -> NDArray[np.float64]:
        """Turn scores into ``log(p / (1 - p))`` of the probabilities that `apply` gives.

        Parameters
        ----------
        scores : Floats
            Shape ``(n, k)``, k at least 2.

        Returns
        -------
        NDArray[np.float64]
            Shape ``(n, k)``; finite where a probability itself would be rounded to 1.
        """
        logits = (self._logits(scores) / np.float32(self.temperature)).astype(np.float64)
        rows, best = np.arange(len(logits)), logits.argmax(axis=1)
        logits -= logits[rows, best][:, None]
        power = np.exp(logits)
        others = power.sum(axis=1, keepdims=True) - power
        others[rows, best] = 1.0
        odds: NDArray[np.float64] = logits - np.log(others)
        # Beside the likeliest class the others may be too small for a difference.
        rest = logits.copy()
        rest[rows, best] = -np.inf
        second = rest.max(axis=1, keepdims=True)
        odds[rows, best] = -(second[:, 0] + np.log(np.exp(rest - second).sum(axis=1)))
        return odds

    def _logits(self, scores: Floats) -> Floats:
        if not self.slope.size:
            return scores
        # log sigmoid(x) = -log(1 + exp(-x)), written so that it cannot overflow.
        x = scores * self.slope
        x += self.offset
        tail = np.abs(x)
        np.negative(tail, out=tail)
        np.exp(tail, out=tail)
        np.log1p(tail, out=tail)
        np.minimum(x, 0, out=x)
        x -= tail
        return x


def _temperature(logits: NDArray[np.float64], y: Indices) -> float:
    # Only fitting needs it, and it takes longer to load than a bundle does.
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(y))

    def loss(log_temperature: float) -> float:
        z = logits / np.exp(log_temperature)
        z = z - z.max(axis=1, keepdims=True)
        return float((np.log(np.exp(z).sum(axis=1)) - z[rows, y]).mean())

    found = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def _best_threshold(proba: Floats, positive: Bools) -> float:
    """Probability from which answering "second class" has the highest F1 on these rows."""
    order = np.argsort(-proba, kind="stable")
    hits = np.cumsum(positive[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(int(positive.sum()), 1))
    f1[:-1][np.diff(proba[order]) == 0] = -1  # no threshold parts equal probabilities
    return float(proba[order[int(f1.argmax())]])
