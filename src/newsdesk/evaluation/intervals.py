"""95 % intervals of proportions: Wilson's, over the effective number of rows.

Rows that hold the same text are no independent evidence: the number of rows is divided by the
design effect of the duplicate clusters. What is no proportion has its intervals in
`newsdesk.evaluation.bootstrap`. ``benchmarks/interval_coverage.py`` simulates the coverage of all.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from newsdesk.types import Bools, Indices

__all__ = ["REACH", "Interval", "design_effect", "f1_interval", "proportion_interval", "wilson"]

Interval = tuple[float, float]
Values = NDArray[np.float64]

CONFIDENCE = 0.95
REACH = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""Standard errors to either side of the middle of a 95 % normal interval: 1.96."""


def wilson(successes: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """Score interval of a proportion.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference"; unlike
    the normal interval it stays inside [0, 1] and has a width when all or none succeed.

    Parameters
    ----------
    successes : float
        At least 0, at most ``n``; need not be whole where ``n`` is an effective number of rows.
    n : float
        Trials, at least 0; without a trial nothing is known and the interval is [0, 1].
    confidence : float
        Coverage aimed at, in (0, 1).

    Returns
    -------
    Interval
        Lower and upper limit in [0, 1].

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.596, 0.982)
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if n <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    middle = share + z * z / (2 * n)
    reach = z * sqrt(max(share * (1 - share), 0.0) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # The limits touch 0 and 1 exactly in theory, but not after rounding.
    low = 0.0 if successes <= 0 else (middle - reach) / scale
    high = 1.0 if successes >= n else (middle + reach) / scale
    return float(low), float(high)


def design_effect(values: Values, clusters: Indices | None) -> float:
    """How many times the variance of a mean grows because rows come in clusters.

    Kish 1965, "Survey Sampling", section 5.4, with the cluster-robust variance of a ratio mean.
    Kept between 1 and the value that fully equal clusters have, ``sum(m²) / sum(m)`` over the
    cluster sizes m; that largest value is taken where the values do not vary at all.

    Parameters
    ----------
    values : Values
        One number per row, for example 1 for a right answer and 0 for a wrong one; shape ``(n,)``.
    clusters : Indices | None
        Cluster number of each row, shape ``(n,)``; none means that each row is its own cluster.

    Returns
    -------
    float
        At least 1; the effective number of rows is ``n`` over it.

    Examples
    --------
    >>> design_effect(np.array([1.0, 1.0, 0.0, 0.0]), np.array([0, 0, 1, 1]))
    2.0
    """
    if clusters is None or not len(values):
        return 1.0
    number = np.unique(clusters, return_inverse=True)[1]
    sizes = np.bincount(number)
    largest = float((sizes**2).sum() / sizes.sum())
    residual = values - values.mean()
    variance = float((residual**2).sum())
    n_clusters = len(sizes)
    if variance == 0.0 or n_clusters < 2:
        return largest
    between = float((np.bincount(number, weights=residual) ** 2).sum())
    return min(max(between / variance * n_clusters / (n_clusters - 1), 1.0), largest)


def proportion_interval(hits: Bools, clusters: Indices | None) -> Interval:
    """Wilson interval of the share of hits, over the effective number of rows.

    Parameters
    ----------
    hits : Bools
        Shape ``(n,)``.
    clusters : Indices | None
        Cluster number of each row, shape ``(n,)``; none means that each row is its own cluster.

    Returns
    -------
    Interval
        Lower and upper 95 % limit; [0, 1] without a row.
    """
    effective = len(hits) / design_effect(hits.astype(np.float64), clusters)
    return wilson(float(hits.mean()) * effective if len(hits) else 0.0, effective)


def f1_interval(actual: Bools, predicted: Bools, clusters: Indices | None) -> Interval:
    """Wilson interval of the F1 of one class.

    F1 equals ``2 J / (1 + J)`` where J is the Jaccard share: the hits among the rows that are, or
    were said to be, of the class. Given those rows J is a proportion, and its limits carry over
    because the map is increasing. Unlike a bootstrap this holds for classes with a handful of rows.

    Parameters
    ----------
    actual : Bools
        Rows that are of the class, shape ``(n,)``.
    predicted : Bools
        Rows that were said to be, shape ``(n,)``.
    clusters : Indices | None
        Cluster number of each row, shape ``(n,)``; none means that each row is its own cluster.

    Returns
    -------
    Interval
        Lower and upper 95 % limit; [0, 1] where no row is or was said to be of the class.
    """
    either = actual | predicted
    hits = (actual & predicted)[either]
    low, high = proportion_interval(hits, None if clusters is None else clusters[either])
    return 2 * low / (1 + low), 2 * high / (1 + high)
