"""How far stated probabilities can be believed: the reliability curve and its summary."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.types import Floats, Indices

__all__ = ["N_BINS", "Reliability", "confidence_bins", "expected_calibration_error", "reliability"]

N_BINS = 15
"""Bins of equal width; Guo et al. 2017, section 5, and most published ECE use 15."""


class Reliability(NamedTuple):
    """Confidence against accuracy, per bin of confidence that holds a row."""

    low: NDArray[np.float64]
    """Lower edge of each bin, shape ``(b,)``."""
    confidence: NDArray[np.float64]
    """Mean probability of the likeliest class, shape ``(b,)``."""
    accuracy: NDArray[np.float64]
    """Share of right answers, shape ``(b,)``."""
    n: NDArray[np.int64]
    """Rows in the bin, shape ``(b,)``."""


def confidence_bins(confidence: NDArray[np.floating]) -> Indices:
    """Assign each row to one of 15 bins of equal width, open below and closed above.

    Parameters
    ----------
    confidence : NDArray[np.floating]
        Probability of the likeliest class in [0, 1], shape ``(n,)``.

    Returns
    -------
    Indices
        Bin numbers from 0 to 14, shape ``(n,)``.
    """
    number = np.ceil(confidence.astype(np.float64) * N_BINS).astype(np.int64) - 1
    return np.clip(number, 0, N_BINS - 1)


def reliability(proba: Floats, y: Indices) -> Reliability:
    """Compare what was promised with what came true.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", equations 1 and 2.

    Parameters
    ----------
    proba : Floats
        Shape ``(n, k)``.
    y : Indices
        Class indices, shape ``(n,)``.

    Returns
    -------
    Reliability
        The curve; bins without a row are left out.
    """
    confidence = proba.max(axis=1).astype(np.float64)
    bins = confidence_bins(confidence)
    n = np.bincount(bins, minlength=N_BINS)
    used = n > 0
    promised = np.bincount(bins, weights=confidence, minlength=N_BINS)
    right = np.bincount(bins, weights=proba.argmax(axis=1) == y, minlength=N_BINS)
    low = np.arange(N_BINS) / N_BINS
    return Reliability(low[used], promised[used] / n[used], right[used] / n[used], n[used])


def expected_calibration_error(proba: Floats, y: Indices) -> float:
    """Mean distance between confidence and accuracy over 15 bins of equal width.

    Guo et al. 2017, equation 3, on the probability of the likeliest class.

    Parameters
    ----------
    proba : Floats
        Shape ``(n, k)``, n at least 1.
    y : Indices
        Class indices, shape ``(n,)``.

    Returns
    -------
    float
        In [0, 1].

    Examples
    --------
    >>> expected_calibration_error(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1]))
    0.5
    """
    curve = reliability(proba, y)
    return float((curve.n * np.abs(curve.confidence - curve.accuracy)).sum() / curve.n.sum())
