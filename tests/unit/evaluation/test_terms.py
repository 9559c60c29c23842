from __future__ import annotations

import numpy as np
import pytest

from newsdesk.evaluation.terms import SMALLEST, Terms

PROBA = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.6, 0.4, 0.0]], dtype=np.float32
)
Y = np.array([0, 1, 0, 2])


def test_confusion_counts_true_by_predicted() -> None:
    assert Terms(PROBA, Y).confusion().tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    weights = np.array([2.0, 1.0, 1.0, 0.0])
    rows = np.array([0, 0, 1, 2])
    weighed, _ = Terms(PROBA, Y).measure(weights)
    repeated, _ = Terms(PROBA[rows], Y[rows]).measure(np.ones(4))
    assert weighed == pytest.approx(repeated)


def test_a_class_without_rows_or_answers_has_shares_of_zero() -> None:
    _, shares = Terms(PROBA[:2], Y[:2]).measure(np.ones(2))
    assert shares["f1"].tolist() == [1, 1, 0]


def test_a_probability_of_zero_costs_a_finite_loss() -> None:
    assert Terms(PROBA, Y).loss[3] == pytest.approx(-np.log(SMALLEST))


def test_the_gaps_add_up_to_confidence_minus_accuracy() -> None:
    gaps = Terms(PROBA, Y).gaps(np.ones(4))
    assert gaps.sum() == pytest.approx((0.7 + 0.8 + 0.4 + 0.6) / 4 - 0.5)


def test_repeated_rows_widen_the_error_of_the_loss() -> None:
    proba, y = np.repeat(PROBA, 3, axis=0), np.repeat(Y, 3)
    alone = Terms(proba, y).loss_error(np.ones(12))
    together = Terms(proba, y, np.repeat(np.arange(4), 3)).loss_error(np.ones(12))
    assert together == pytest.approx(alone * np.sqrt(3))
