"""How far two settings differ, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.evaluation.intervals import CONFIDENCE
from newsdesk.types import Indices

__all__ = ["Difference", "difference"]


@dataclass(frozen=True)
class Difference:
    """A difference in valid accuracy, in [-1, 1].

    Parameters
    ----------
    value : float
        First minus second.
    low : float
        Lower 95 % limit.
    high : float
        Upper 95 % limit.
    """

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the limits leave 0 out."""
        return self.low > 0 or self.high < 0

    @property
    def text(self) -> str:
        """In words."""
        verdict = "not distinguishable"
        if self.is_clear:
            verdict = "better" if self.value > 0 else "worse"
        value, low, high = (100 * v for v in (self.value, self.low, self.high))
        return f"{value:+.1f} points, {low:+.1f} to {high:+.1f}: {verdict}"


def difference(
    pairs: Iterable[tuple[NDArray[Any], NDArray[Any]]], clusters: Indices
) -> Difference | None:
    """Compare trainings with equal seeds on the same rows.

    Other rows and other seeds would both give other numbers. The variance by rows is that of the
    paired bootstrap of whole duplicate clusters over the mean of the seeds, which a mean allows to
    be written down for infinitely many samples; the variance by seeds is that of the seeds'
    differences over their number. The two are added, and the limits are those of Student's t with
    the degrees of freedom of such a sum (Satterthwaite 1946, "An approximate distribution of
    estimates of variance components", formula 17).

    Parameters
    ----------
    pairs : Iterable[tuple[NDArray[Any], NDArray[Any]]]
        Per seed how right the first and the second were on each of n rows, in [0, 1]; shape
        ``(n,)`` each.
    clusters : Indices
        Rows with equal numbers are one text, shape ``(n,)``.

    Returns
    -------
    Difference | None
        First minus second; None without a pair. With one seed, the limits are of rows alone.

    Examples
    --------
    >>> right = np.arange(200) % 4 > 0
    >>> same = difference([(right, right)], np.arange(200))
    >>> same.value, same.is_clear
    (0.0, False)
    """
    from scipy.stats import t

    gains = np.array([first.astype(np.float64) - second for first, second in pairs])
    if not len(gains):
        return None
    k = len(gains)
    of_rows = _variance_of_rows(gains.mean(axis=0), clusters)
    of_seeds = float(gains.mean(axis=1).var(ddof=1)) / k if k > 1 else 0.0
    freedom = (of_rows + of_seeds) ** 2 * (k - 1) / of_seeds**2 if of_seeds else np.inf
    reach = float(t.ppf((1 + CONFIDENCE) / 2, freedom)) * sqrt(of_rows + of_seeds)
    value = float(gains.mean())
    return Difference(value, max(value - reach, -1.0), min(value + reach, 1.0))


def _variance_of_rows(gain: NDArray[np.float64], clusters: Indices) -> float:
    number = np.unique(clusters, return_inverse=True)[1]
    residuals = np.bincount(number, weights=gain - gain.mean())
    # Without a row that is answered otherwise nothing varies: then as with one more row for
    # either side, as in Bonett & Price 2012, equation 5.
    return max(float((residuals**2).sum()) / len(gain) ** 2, 2 / (len(residuals) + 2) ** 2)
