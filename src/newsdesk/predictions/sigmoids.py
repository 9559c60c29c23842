"""Sigmoids that turn one-vs-rest margins into probabilities, a class each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.types import Floats, Indices

__all__ = ["fit_sigmoids"]

_LEAST_SLOPE = 0.01
_LIKENESS = 10.0
"""How much a class without held-out rows is taken to be like the others: as if ten rows said so."""


def fit_sigmoids(scores: Floats, y: Indices, k: int) -> tuple[Floats, Floats]:
    """Fit the sigmoids of all classes at once, by Newton's method on two parameters each.

    The negative log-likelihood of ``sigmoid(a s + b)`` against Platt's smoothed targets (Lin, Lin &
    Weng 2007, equation 5), with a faint pull of ``a`` to 1.

    Parameters
    ----------
    scores : Floats
        Margins of rows that were not learnt, shape ``(n, k)``.
    y : Indices
        Class indices, shape ``(n,)``.
    k : int
        Classes; one without rows gets a sigmoid like those of the others.

    Returns
    -------
    tuple[Floats, Floats]
        Slopes, above 0, and offsets, each of shape ``(k,)``.
    """
    # About their mean, slope and offset hardly depend on each other, even of scores all alike.
    centre = scores.mean(axis=0, dtype=np.float64)
    scores = scores - centre.astype(np.float32)
    own = np.zeros(scores.shape, dtype=np.bool_)
    own[np.arange(len(y)), y] = True
    n_positive = own.sum(axis=0)
    high = ((n_positive + 1) / (n_positive + 2)).astype(np.float32)
    low = (1 / (len(y) - n_positive + 2)).astype(np.float32)
    target = np.where(own, high, low)
    ones, zeros = np.ones(k), np.zeros(k)
    a, b = _newton(scores, target, _Prior(ones, 1e-3 * ones, zeros, 0 * ones))
    # Left-out rows of a handful often score backwards, as the class they lack is the likelier.
    # That is no evidence, and must not turn answers round.
    backwards = a < _LEAST_SLOPE
    share = target.mean(axis=0, dtype=np.float64)
    a[backwards] = _LEAST_SLOPE
    b[backwards] = np.log(share / (1 - share))[backwards]
    unseen = n_positive == 0
    if unseen.any() and not unseen.all():
        # Rows of other classes alone would say "never" of a class that was learnt from a few train
        # rows: it is taken to be like the others, as far as those rows allow.
        slope, offset = np.median(a[~unseen]), np.median((b - a * centre)[~unseen])
        weight = np.full(int(unseen.sum()), _LIKENESS)
        prior = _Prior(0 * weight + slope, weight, offset + slope * centre[unseen], weight)
        a[unseen], b[unseen] = _newton(scores[:, unseen], target[:, unseen], prior)
        a[unseen] = np.maximum(a[unseen], _LEAST_SLOPE)
    return a.astype(np.float32), (b - a * centre).astype(np.float32)


class _Prior(NamedTuple):
    """What slopes and offsets are pulled to, and how much; each of shape ``(k,)``."""

    a: NDArray[np.float64]
    weight_a: NDArray[np.float64]
    b: NDArray[np.float64]
    weight_b: NDArray[np.float64]


def _newton(
    scores: Floats, target: Floats, prior: _Prior
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slopes and offsets of all classes at once."""
    a, b = prior.a.copy(), prior.b.copy()
    loss, p = _sigmoid_loss(scores, target, a, b, prior)
    for _ in range(50):
        residual = p - target
        weight = p * (1 - p)
        weighted = weight * scores
        grad_a = _column_sums(residual * scores) + prior.weight_a * (a - prior.a)
        grad_b = _column_sums(residual) + prior.weight_b * (b - prior.b)
        h_aa = _column_sums(weighted * scores) + prior.weight_a
        h_ab = _column_sums(weighted)
        h_bb = _column_sums(weight) + prior.weight_b + 1e-9
        det = h_aa * h_bb - h_ab * h_ab
        step_a = (h_bb * grad_a - h_ab * grad_b) / det
        step_b = (h_aa * grad_b - h_ab * grad_a) / det
        scale = np.ones(len(a))
        for _ in range(20):  # halve until no class gets worse
            trial, p = _sigmoid_loss(scores, target, a - scale * step_a, b - scale * step_b, prior)
            worse = trial > loss + 1e-6 * np.abs(loss)
            if not worse.any():
                break
            scale[worse] /= 2
        a, b, loss = a - scale * step_a, b - scale * step_b, trial
        if max(np.abs(step_a).max(), np.abs(step_b).max()) < 1e-4:
            break
    return a, b


def _column_sums(x: Floats) -> NDArray[np.float64]:
    total: NDArray[np.float64] = x.sum(axis=0, dtype=np.float64)
    return total


def _sigmoid_loss(
    scores: Floats,
    target: Floats,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    prior: _Prior,
) -> tuple[NDArray[np.float64], Floats]:
    """Loss of each class and the probabilities, from one exponential per score."""
    z = scores * a.astype(np.float32) + b.astype(np.float32)
    power = np.exp(-np.abs(z))
    loss = np.maximum(z, 0) + np.log1p(power) - target * z
    p = np.where(z >= 0, np.float32(1), power) / (1 + power)
    pull = prior.weight_a * (a - prior.a) ** 2 + prior.weight_b * (b - prior.b) ** 2
    return _column_sums(loss) + pull / 2, p
