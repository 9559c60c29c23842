from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize

from newsdesk.predictions import Calibrator
from newsdesk.types import Floats, Indices

Margins = Callable[[int, int, int], tuple[Floats, Indices]]


def reference_sigmoid(score: Floats, own: np.ndarray) -> tuple[float, float]:
    """Slope and offset by a general optimiser in double precision."""
    n_positive = int(own.sum())
    target = np.where(own, (n_positive + 1) / (n_positive + 2), 1 / (len(own) - n_positive + 2))
    s = score.astype(np.float64)

    def loss(parameters: np.ndarray) -> float:
        z = parameters[0] * s + parameters[1]
        fit = np.logaddexp(0, z) - target * z
        return float(fit.sum() + 0.5e-3 * (parameters[0] - 1) ** 2)

    found = minimize(loss, np.array([1.0, 0.0]), method="BFGS", options={"gtol": 1e-6})
    return float(found.x[0]), float(found.x[1])


@pytest.mark.parametrize(("n", "k"), [(40, 2), (300, 3), (2000, 6)])
def test_the_sigmoid_of_each_class_is_the_optimum_of_an_independent_solver(
    n: int, k: int, margins: Margins
) -> None:
    scores, y = margins(n, k, n)
    found = Calibrator.fit(scores, y, "margins")
    for c in range(k):
        slope, offset = reference_sigmoid(scores[:, c], y == c)
        assert found.slope[c] == pytest.approx(slope, rel=5e-3, abs=5e-3)
        assert found.offset[c] == pytest.approx(offset, rel=5e-3, abs=5e-3)


def test_a_higher_margin_never_lowers_the_probability_of_its_class(margins: Margins) -> None:
    scores, y = margins(500, 3, 2)
    calibrator = Calibrator.fit(scores, y, "margins")
    assert (calibrator.slope > 0).all()
    raised = np.repeat(scores[:1], 200, axis=0)
    raised[:, 1] = np.linspace(-8, 8, 200)
    assert (np.diff(calibrator.apply(raised)[:, 1]) >= 0).all()


def test_a_class_without_held_out_rows_gets_small_finite_probabilities(margins: Margins) -> None:
    scores, y = margins(400, 4, 3)
    y[y == 3] = 0
    proba = Calibrator.fit(scores, y, "margins").apply(scores)
    assert np.isfinite(proba).all()
    assert proba[:, 3].mean() < 0.05


def test_a_class_that_only_train_has_is_answered_where_its_margin_is_high(margins: Margins) -> None:
    scores, y = margins(400, 4, 3)
    seen = y != 3
    calibrator = Calibrator.fit(scores[seen], y[seen], "margins")
    found = calibrator.apply(scores)
    whole = Calibrator.fit(scores, y, "margins").apply(scores)
    known = (whole.argmax(axis=1) == y) & ~seen
    assert (found[known].argmax(axis=1) == 3).mean() > 0.6
    assert (found[seen].argmax(axis=1) == 3).mean() < 0.05


@pytest.mark.parametrize("value", [0.0, 5.0, -40.0])
def test_scores_that_say_nothing_give_about_the_class_frequencies(value: float) -> None:
    y = np.repeat([0, 1, 2], [600, 300, 100])
    scores = np.full((1000, 3), value, dtype=np.float32)
    proba = Calibrator.fit(scores, y, "margins").apply(scores[:1])
    assert proba[0] == pytest.approx([0.6, 0.3, 0.1], abs=0.02)


def test_separable_scores_give_finite_parameters() -> None:
    y = np.arange(300) % 3
    scores = np.where(np.eye(3)[y] > 0, 5, -5).astype(np.float32)
    calibrator = Calibrator.fit(scores, y, "margins")
    assert np.isfinite([*calibrator.slope, *calibrator.offset, calibrator.temperature]).all()
    assert (calibrator.apply(scores).argmax(axis=1) == y).all()


def test_scores_that_point_backwards_never_turn_answers_round(margins: Margins) -> None:
    scores, y = margins(300, 3, 10)
    scores[:, 2] *= -1
    calibrator = Calibrator.fit(scores, y, "margins")
    assert (calibrator.slope > 0).all()
    raised = np.repeat(scores[:1], 50, axis=0)
    raised[:, 2] = np.linspace(-8, 8, 50)
    proba = calibrator.apply(raised)[:, 2]
    assert (np.diff(proba) >= 0).all()
    assert calibrator.apply(scores)[:, 2].mean() == pytest.approx((y == 2).mean(), abs=0.1)


# ── held-out probabilities ───────────────────────────────────────────────────────────────────────


def test_scores_that_run_backwards_do_not_turn_the_answers_around() -> None:
    y = np.arange(40) % 2
    backwards = np.stack([y, 1 - y], axis=1).astype(np.float32) * 4
    proba = Calibrator.fit(backwards, y, "margins").apply(backwards)
    assert np.abs(proba - 0.5).max() < 0.05


# ── log-odds ─────────────────────────────────────────────────────────────────────────────────────
