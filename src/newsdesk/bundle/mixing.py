"""Probabilities of several bundles mixed, by weights that rows which none has seen choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.predictions import Calibrator, Output
from newsdesk.types import Floats, Indices

__all__ = ["LEAST_WEIGHT", "Held", "choose_weights", "cross_pool", "fit_weights", "mix", "pool"]

LEAST_WEIGHT = 0.01
"""Whoever gets less is left out: it would cost its whole time and change nothing."""
_LEAST = 1e-9
"""No class is ruled out altogether: its logarithm has to be finite."""
_MOST_STEPS = 5000
_GAP = 1e-6


class Held(NamedTuple):
    """What a member says of rows that it has not seen."""

    scores: Floats
    """Uncalibrated, shape ``(n, n_classes)``."""
    output: Output
    """What they are."""

    def on(self, y: Indices) -> tuple[Floats, Indices, Output]:
        """Arguments for a calibrator, with the classes of the rows."""
        return self.scores, y, self.output


def fit_weights(own: NDArray[np.floating]) -> NDArray[np.float64]:
    """Find the mixture with the smallest log loss, a convex problem.

    The steps are those of the EM algorithm for the proportions of a mixture (Dempster, Laird &
    Rubin 1977, "Maximum Likelihood from Incomplete Data via the EM Algorithm", section 4.3): each
    weight is multiplied by the mean ratio of its member to the mixture, which never raises the loss
    and keeps the sum at 1. No mixture is better by more than the logarithm of the largest of these
    factors (Cover 1984, "An Algorithm for Maximizing Expected Log Investment Return"), and the
    steps end when that is small.

    Parameters
    ----------
    own : NDArray[np.floating]
        Probability that each member gives to the true class of each row, shape ``(n_members, n)``;
        n at least 1.

    Returns
    -------
    NDArray[np.float64]
        Weights, shape ``(n_members,)``: not negative, sum 1.

    Examples
    --------
    >>> fit_weights(np.array([[0.9, 0.9, 0.2], [0.2, 0.1, 0.9], [0.1, 0.1, 0.1]])).round(2).tolist()
    [0.79, 0.21, 0.0]
    """
    likelihood = np.maximum(own.astype(np.float64), _LEAST)
    weights = np.full(len(likelihood), 1 / len(likelihood))
    for _ in range(_MOST_STEPS):
        factor = likelihood @ (1 / (weights @ likelihood)) / likelihood.shape[1]
        if factor.max() < 1 + _GAP:
            break
        weights *= factor
    found: NDArray[np.float64] = weights / weights.sum()
    return found


def choose_weights(proba: Sequence[Floats], y: Indices) -> NDArray[np.float64]:
    """Find the best mixture of those members that count in it.

    Parameters
    ----------
    proba : Sequence[Floats]
        What each member answers for the same rows, each of shape ``(n, n_classes)``; n at least 1.
    y : Indices
        Class indices, shape ``(n,)``.

    Returns
    -------
    NDArray[np.float64]
        Weights, shape ``(n_members,)``: 0, or at least `LEAST_WEIGHT`; sum 1.
    """
    rows = np.arange(len(y))
    own = np.stack([answers[rows, y] for answers in proba])
    weights = fit_weights(own)
    while (small := (weights > 0) & (weights < LEAST_WEIGHT)).any():
        kept = (weights > 0) & ~small
        weights = np.zeros(len(own))
        weights[kept] = fit_weights(own[kept])
    return weights


def mix(proba: Sequence[Floats], weights: Sequence[float] | NDArray[np.float64]) -> Floats:
    """Mix.

    Parameters
    ----------
    proba : Sequence[Floats]
        What each member answers, each of shape ``(n, n_classes)``.
    weights : Sequence[float] | NDArray[np.float64]
        One per member.

    Returns
    -------
    Floats
        Logarithms of the mixed probabilities, shape ``(n, n_classes)``; a row depends on no other.
    """
    parts = [
        np.float32(weight) * answers
        for weight, answers in zip(weights, proba, strict=True)
        if weight > 0
    ]
    logarithms: Floats = np.log(np.maximum(sum(parts), np.float32(_LEAST)))
    return logarithms


def pool(held: Sequence[Held], y: Indices) -> tuple[NDArray[np.float64], Calibrator]:
    """Choose the weights of members, and the temperature of their mixture.

    Members are weighed by answers that were calibrated on other rows, because calibrators fit more
    numbers to scores of one kind than of the other, and would favour it. A mixture of calibrated
    probabilities is not sure enough of itself (Ranjan & Gneiting 2010, "Combining Probability
    Forecasts", theorem 1), and so has a temperature of its own, which is that of the members as
    they are delivered, calibrated on all of the rows.

    Parameters
    ----------
    held : Sequence[Held]
        What each member says of the same rows; at least one row.
    y : Indices
        Class indices, shape ``(n,)``.

    Returns
    -------
    tuple[NDArray[np.float64], Calibrator]
        Weights, and the calibrator of what `mix` gives.
    """
    weights = choose_weights([Calibrator.cross_apply(*own.on(y)) for own in held], y)
    delivered = [Calibrator.fit(*own.on(y)).apply(own.scores) for own in held]
    return weights, Calibrator.fit(mix(delivered, weights), y, "logits")


def cross_pool(held: Sequence[Held], y: Indices) -> Floats:
    """Answer held-out rows by calibrators, weights and a temperature of other rows alone.

    Parameters
    ----------
    held : Sequence[Held]
        What each member says of the same rows; at least one row.
    y : Indices
        Class indices, shape ``(n,)``.

    Returns
    -------
    Floats
        Probabilities, shape ``(n, n_classes)``: each half of the rows by what the other chose.
    """
    half = np.arange(len(y)) % 2 == 0
    answers = np.empty_like(held[0].scores)
    for own in (half, ~half):
        if own.any():
            others = ~own if (~own).any() else own
            known = [Held(member.scores[others], member.output) for member in held]
            weights, calibrator = pool(known, y[others])
            proba = [
                Calibrator.fit(*there.on(y[others])).apply(here.scores[own])
                for there, here in zip(known, held, strict=True)
            ]
            answers[own] = calibrator.apply(mix(proba, weights))
    return answers
