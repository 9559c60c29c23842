"""Paired comparison of two systems on the same rows: which differences are real."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from newsdesk.evaluation.bootstrap import resample
from newsdesk.evaluation.intervals import CONFIDENCE, REACH, Interval, design_effect
from newsdesk.evaluation.terms import Terms
from newsdesk.types import Bools, Floats, Indices, Progress, Silent

__all__ = [
    "METRICS",
    "Comparison",
    "compare",
    "f1",
    "paired_f1",
    "paired_interval",
    "sign_flip_p_value",
]

SIGNIFICANT = 0.05
METRICS = {"accuracy": "accuracy", "macro_f1": "macro-F1"}
"""What is compared, and what it is called."""


@dataclass(frozen=True)
class Comparison:
    """The difference of one metric between two systems.

    Parameters
    ----------
    metric : str
        ``"accuracy"`` or ``"macro_f1"``.
    first : str
        Name of the first system.
    second : str
        Name of the second system.
    difference : float
        First minus second.
    interval : tuple[float, float]
        95 % limits of the difference.
    p_value : float
        Probability of a difference at least as large, were the systems equally good.
    """

    metric: str
    first: str
    second: str
    difference: float
    interval: Interval
    p_value: float

    @property
    def sentence(self) -> str:
        """The finding in words; says so where the systems cannot be told apart."""
        name = METRICS[self.metric]
        low, high = (100 * limit for limit in self.interval)
        numbers = (
            f"{name} {100 * self.difference:+.1f} points, "
            f"95 % interval {low:+.1f} to {high:+.1f}, p {_p_text(self.p_value)}"
        )
        if self.p_value >= SIGNIFICANT:
            return (
                f"{self.first} and {self.second} are not distinguishable on these rows ({numbers})."
            )
        word = "better" if self.difference > 0 else "worse"
        return f"{self.first} is {word} than {self.second} ({numbers})."


def _p_text(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"


def compare(
    first: Floats,
    second: Floats,
    y: Indices,
    *,
    names: tuple[str, str],
    clusters: Indices | None = None,
    n_bootstrap: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Comparison, Comparison]:
    """Compare two systems on the same rows.

    Parameters
    ----------
    first : Floats
        Probabilities of the first system, shape ``(n, k)``, n at least 1.
    second : Floats
        Probabilities of the second system for the same rows and classes, shape ``(n, k)``.
    y : Indices
        Class indices in ``[0, k)``, shape ``(n,)``.
    names : tuple[str, str]
        What the systems are called.
    clusters : Indices | None
        Number of the duplicate cluster of each row, shape ``(n,)``; none means no duplicates.
    n_bootstrap : int
        Bootstrap samples behind the macro-F1 difference; at least 2.
    seed : int
        Seed of the bootstrap.
    progress : Progress | None
        Where the bootstrap tells how far it is.

    Returns
    -------
    tuple[Comparison, Comparison]
        The difference in accuracy, tested by McNemar's mid-p test, then the difference in macro-F1,
        tested by the paired bootstrap.
    """
    ours, theirs = Terms(first, y), Terms(second, y)
    gain = ours.right.astype(np.int64) - theirs.right.astype(np.int64)
    accuracy = Comparison(
        "accuracy", *names, float(gain.mean()), paired_interval(gain, clusters),
        sign_flip_p_value(gain, clusters),
    )  # fmt: skip

    def difference(weights: NDArray[np.float64]) -> float:
        return ours.measure(weights)[0]["macro_f1"] - theirs.measure(weights)[0]["macro_f1"]

    samples = resample(
        len(y), clusters, n_bootstrap=n_bootstrap, seed=seed, progress=progress or Silent()
    )
    value = difference(np.ones(len(y)))
    replicates = np.array([difference(weights) for weights in samples])
    error = float(replicates.std(ddof=1))
    if error < 1e-12:
        # Every sample says the same, which is no measure of chance; the counts of rows are.
        macro_f1 = replace(accuracy, metric="macro_f1", difference=value)
        return accuracy, macro_f1
    centre = 2 * value - float(replicates.mean())
    interval = max(centre - REACH * error, -1.0), min(centre + REACH * error, 1.0)
    p_value = 2 * NormalDist().cdf(-abs(centre) / error)
    return accuracy, Comparison("macro_f1", *names, value, interval, p_value)


def sign_flip_p_value(gain: Indices, clusters: Indices | None = None) -> float:
    """Two-sided mid-p value of McNemar's exact test, over whole duplicate clusters.

    Were two systems equally good, each cluster could as well have favoured the other one. The
    exact distribution of the total gain under such flips is the binomial of McNemar's exact test
    where each cluster is one row. Half of the probability of the observed total is left out:
    Fagerland, Lydersen & Laake 2013, "The McNemar test for binary matched-pairs data".

    Parameters
    ----------
    gain : Indices
        1 where only the first system is right, -1 where only the second is, else 0; shape
        ``(n,)``.
    clusters : Indices | None
        Cluster number of each row, shape ``(n,)``; none means that each row is its own cluster.

    Returns
    -------
    float
        In (0, 1].

    Examples
    --------
    >>> round(sign_flip_p_value(np.array([1] * 9 + [-1])), 4)
    0.0117
    """
    from scipy.signal import convolve
    from scipy.stats import binom

    if clusters is not None:
        number = np.unique(clusters, return_inverse=True)[1]
        gain = np.rint(np.bincount(number, weights=gain)).astype(np.int64)
    # Shifting each flip from {-a, a} to {0, 2a} makes the total a sum of scaled binomials.
    steps, n_steps = np.unique(np.abs(gain[gain != 0]), return_counts=True)
    chances = np.ones(1)
    for step, n in zip(steps.tolist(), n_steps.tolist(), strict=True):
        flips = np.zeros(n * step + 1)
        flips[::step] = binom.pmf(np.arange(n + 1), n, 0.5)
        chances = convolve(chances, flips)
    total = (abs(int(gain.sum())) + len(chances) - 1) // 2
    upper_tail = chances[total + 1 :].sum() + chances[total] / 2
    return float(min(2 * upper_tail, 1.0))


def paired_interval(gain: Indices, clusters: Indices | None = None) -> Interval:
    """Compute the adjusted Wald interval of a paired difference, over the effective number of rows.

    Bonett & Price 2012, "Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data", equation 5; it keeps a width without a discordant row.

    Parameters
    ----------
    gain : Indices
        1 where only the first system is right, -1 where only the second is, else 0; shape
        ``(n,)``, n at least 1.
    clusters : Indices | None
        Cluster number of each row, shape ``(n,)``; none means that each row is its own cluster.

    Returns
    -------
    Interval
        Lower and upper 95 % limit of the share of rows that the first system is right on beyond the
        second, in [-1, 1].

    Examples
    --------
    >>> low, high = paired_interval(np.array([1] * 9 + [-1] + [0] * 90))
    >>> round(low, 3), round(high, 3)
    (0.014, 0.143)
    """
    effective = len(gain) / design_effect(gain.astype(np.float64), clusters)
    only_first, only_second = (
        (float((gain == sign).mean()) * effective + 1) / (effective + 2) for sign in (1, -1)
    )
    middle = only_first - only_second
    error = sqrt((only_first + only_second - middle**2) / (effective + 2))
    return max(middle - REACH * error, -1.0), min(middle + REACH * error, 1.0)


def f1(predicted: Bools, actual: Bools) -> float:
    """Compute the F1 of one class.

    Parameters
    ----------
    predicted : Bools
        Rows that were said to be of the class, shape ``(n,)``.
    actual : Bools
        Rows that are of it, shape ``(n,)``.

    Returns
    -------
    float
        In [0, 1]; 0 where no row is of the class or was said to be.
    """
    n = int(predicted.sum()) + int(actual.sum())
    return 2 * int((predicted & actual).sum()) / n if n else 0.0


def paired_f1(
    first: Bools,
    second: Bools,
    actual: Bools,
    clusters: Indices | None = None,
    *,
    confidence: float = CONFIDENCE,
) -> Interval:
    """Compute the interval of the difference of two systems in the F1 of one class.

    F1 is a ratio of two sums, ``2 hits / (predicted + actual)``. To first order a row adds to it
    what it adds to the upper sum, less F1 times what it adds to the lower one, over the lower one
    (Cochran 1977, "Sampling Techniques", equation 6.13). The error is the root of the summed
    squares of what rows, or whole clusters, add to the difference. To these come two rows of the
    class, one that each system alone has found, as Bonett & Price (2012) add them to a difference
    of shares: without them a single row would be proof.

    Parameters
    ----------
    first : Bools
        Rows that the first system says to be of the class, shape ``(n,)``.
    second : Bools
        Those of the second system, shape ``(n,)``.
    actual : Bools
        Rows that are of the class, at least one; shape ``(n,)``.
    clusters : Indices | None
        Cluster number of each row, shape ``(n,)``; none means that each row is its own cluster.
    confidence : float
        Coverage aimed at, in (0, 1).

    Returns
    -------
    Interval
        Lower and upper limit of the first F1 less the second, in [-1, 1].

    Examples
    --------
    >>> actual = np.arange(100) < 50
    >>> low, high = paired_f1(actual, actual & (np.arange(100) >= 10), actual)
    >>> round(low, 3), round(high, 3)
    (0.035, 0.188)
    """
    added, difference, unit = np.zeros(len(actual)), 0.0, 0.0
    for predicted, sign in ((first, 1), (second, -1)):
        value, n = f1(predicted, actual), int(predicted.sum()) + int(actual.sum())
        upper = 2.0 * (predicted & actual)
        lower = predicted.astype(np.float64) + actual
        added += sign * (upper - value * lower) / n
        difference += sign * value
        unit = max(unit, (2 - value) / n)
    number = None if clusters is None else np.unique(clusters, return_inverse=True)[1]
    sums = added if number is None else np.bincount(number, weights=added)
    error = sqrt(float((sums**2).sum()) + 2 * unit**2)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return max(difference - reach, -1.0), min(difference + reach, 1.0)
