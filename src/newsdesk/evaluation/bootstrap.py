"""95 % intervals of averages that are no proportions: a bootstrap over duplicate clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from newsdesk.evaluation.intervals import CONFIDENCE, REACH, Interval, wilson
from newsdesk.types import Indices, Progress

__all__ = [
    "absolute_sum_interval",
    "mean_interval",
    "resample",
    "share_interval",
    "unseen_variance",
]

Values = NDArray[np.float64]


def resample(
    n: int,
    clusters: Indices | None,
    *,
    n_bootstrap: int,
    seed: int,
    progress: Progress,
) -> Iterator[Values]:
    """Draw bootstrap samples of whole clusters.

    Parameters
    ----------
    n : int
        Number of rows, at least 1.
    clusters : Indices | None
        Cluster number of each row, shape ``(n,)``; none means that each row is its own cluster.
    n_bootstrap : int
        Number of samples.
    seed : int
        Equal seeds give equal samples.
    progress : Progress
        Told of each hundred samples.

    Yields
    ------
    Values
        How often each row was drawn, shape ``(n,)``.
    """
    rng = np.random.default_rng(seed)
    number = None if clusters is None else np.unique(clusters, return_inverse=True)[1]
    n_clusters = n if number is None else int(number.max()) + 1
    with progress.task("intervals", n_bootstrap, "samples") as advance:
        for sample in range(n_bootstrap):
            drawn = rng.integers(0, n_clusters, size=n_clusters, dtype=np.int32)
            times = np.bincount(drawn, minlength=n_clusters).astype(np.float64)
            yield times if number is None else times[number]
            if sample % 100 == 99 or sample == n_bootstrap - 1:
                advance(sample % 100 + 1)


def share_interval(
    value: float,
    replicates: Values,
    *,
    n_effective: float,
    added: tuple[float, float] = (0.0, 0.0),
) -> Interval:
    """Give the normal interval of a bias-corrected share, with the bootstrap's standard error.

    The bias is the mean of the replicates minus the value (Efron & Tibshirani 1993, "An
    Introduction to the Bootstrap", section 10.6): macro-F1 over rare classes falls when rows are
    resampled, so that a percentile interval lies too low. The limits are computed on the logit
    scale, which keeps them inside [0, 1] and makes them uneven near its ends.

    Parameters
    ----------
    value : float
        The metric on the rows themselves, in [0, 1].
    replicates : Values
        The metric on each bootstrap sample; NaN where a sample leaves it undefined.
    n_effective : float
        The rows that the metric rests on. Where it stands at an end of its range, such as after
        no error at all, a Wilson interval over so many rows stands in.
    added : tuple[float, float]
        Variance below and above the value that resampling cannot show; see `unseen_variance`.

    Returns
    -------
    Interval
        Lower and upper 95 % limit.
    """
    defined = replicates[np.isfinite(replicates)]
    error = float(defined.std(ddof=1)) if len(defined) > 1 else 0.0
    if error < 1e-12 or not 0 < value < 1:
        return wilson(value * n_effective, n_effective)
    centre = 2 * value - float(defined.mean())
    # A correction that leaves the range of the metric is none.
    centre = centre if 0 < centre < 1 else value
    middle, slope = log(centre / (1 - centre)), centre * (1 - centre)
    below, above = (REACH * sqrt(error**2 + variance) / slope for variance in added)
    return _expit(middle - below), _expit(middle + above)


def mean_interval(
    value: float, error: float, replicates: Values, errors: Values, *, limit: float
) -> Interval:
    """Give the bootstrap-t interval of a mean of skewed positive numbers, on the log scale.

    Efron & Tibshirani 1993, section 12.5. Few rows hold most of a log loss, so that a sample that
    misses them has a low mean and a low standard error at once; only the ratio of the two tells.

    Parameters
    ----------
    value : float
        The mean on the rows themselves, above 0.
    error : float
        Its standard error.
    replicates : Values
        The mean on each bootstrap sample, shape ``(n_bootstrap,)``.
    errors : Values
        Its standard error on each, shape ``(n_bootstrap,)``.
    limit : float
        The largest mean that there can be.

    Returns
    -------
    Interval
        Lower and upper 95 % limit.
    """
    usable = errors > 1e-9 * error
    if error <= 0.0 or not usable.any():
        return value, value
    ratios = np.log(replicates[usable] / value) * replicates[usable] / errors[usable]
    tail = (1 - CONFIDENCE) / 2
    powers = -np.quantile(ratios, [1 - tail, tail]) * error / value
    # Where hardly a row is wrong, powers far beyond the limit would overflow.
    low, high = np.exp(np.minimum(powers, np.log(limit / value))) * value
    return min(float(low), value), max(value, min(float(high), limit))


def unseen_variance(
    hits: Values, trials: Values, values: Values, limits: Values, variances: Values
) -> tuple[float, float]:
    """Sum the variance of class values that resampling cannot show.

    A class whose two rows are both right stays right in every bootstrap sample, as if that were
    known for certain. For classes without a hit, or without a miss, the reach of the class's own
    Wilson interval stands in for the bootstrap where it is larger.

    Parameters
    ----------
    hits : Values
        Successes of each class, shape ``(k,)``.
    trials : Values
        Rows that the class's share rests on, shape ``(k,)``.
    values : Values
        The share, or its F1, shape ``(k,)``.
    limits : Values
        Its 95 % limits, shape ``(k, 2)``.
    variances : Values
        Its variance over the bootstrap samples, shape ``(k,)``.

    Returns
    -------
    tuple[float, float]
        Sum over the classes of the variance missing below and above their values.
    """
    stuck = (hits == 0) | (hits == trials)
    reaches = np.abs(limits - values[:, None]) / REACH
    missing = np.maximum(reaches**2 - variances[:, None], 0.0)[stuck].sum(axis=0)
    return float(missing[0]), float(missing[1])


def absolute_sum_interval(terms: Values, replicates: Values, *, limit: float) -> Interval:
    """Interval of ``sum(|t|)`` for terms t that are known with noise, such as calibration gaps.

    Noise makes such a sum larger than the true one and never smaller, so that bootstrap intervals
    of it miss the truth: they never hold 0. Instead this inverts a test (Carpenter 1999, "Test
    inversion bootstrap confidence intervals") along the line of terms ``s t``: it keeps each sum
    ``s sum(|t|)`` for which the observed sum is neither among the 2.5 % smallest nor among the
    2.5 % largest of ``sum(|s t + noise|)``, with the noise taken from the bootstrap.

    Parameters
    ----------
    terms : Values
        The terms on the rows themselves, shape ``(b,)``.
    replicates : Values
        The terms on each bootstrap sample, shape ``(n_bootstrap, b)``.
    limit : float
        The largest sum that there can be.

    Returns
    -------
    Interval
        Lower and upper 95 % limit, at least 0. The observed sum itself may lie above.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 0.1, size=(1000, 4))
    >>> low, high = absolute_sum_interval(np.full(4, 0.1), noise, limit=1.0)
    >>> low
    0.0
    """
    observed = float(np.abs(terms).sum())
    noise = replicates - terms
    tail = (1 - CONFIDENCE) / 2

    def sums(scale: float) -> Values:
        drawn: Values = np.abs(scale * terms + noise).sum(axis=1)
        return drawn

    def too_small(scale: float) -> bool:
        return bool((sums(scale) >= observed).mean() <= tail)

    def not_too_large(scale: float) -> bool:
        return bool((sums(scale) <= observed).mean() > tail)

    low = _last_true(too_small) if too_small(0.0) else 0.0
    high = _last_true(not_too_large) if not_too_large(0.0) else 0.0
    return min(low * observed, limit), min(high * observed, limit)


def _last_true(holds: Callable[[float], bool]) -> float:
    """Bisect for the largest scale at which a condition, true at 0, still holds."""
    low, high = 0.0, 1.0
    while holds(high) and high < 1e6:
        low, high = high, 2 * high
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _expit(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))
