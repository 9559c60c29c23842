import numpy as np
import pytest

from newsdesk.evaluation.calibration import (
    confidence_bins,
    expected_calibration_error,
    reliability,
)


def test_bins_are_closed_above() -> None:
    assert confidence_bins(np.array([0.0, 1 / 15, 0.5, 1.0])).tolist() == [0, 0, 7, 14]


def test_reliability_counts_every_row_once() -> None:
    proba = np.array([[0.9, 0.1], [0.92, 0.08], [0.3, 0.7]], dtype=np.float32)
    curve = reliability(proba, np.array([0, 1, 1]))
    assert curve.n.tolist() == [1, 2]
    assert curve.accuracy.tolist() == [1.0, 0.5]
    assert curve.confidence == pytest.approx([0.7, 0.91])


def test_error_is_the_weighted_distance() -> None:
    proba = np.array([[0.9, 0.1], [0.92, 0.08], [0.3, 0.7]], dtype=np.float32)
    expected = (1 * 0.3 + 2 * 0.41) / 3
    assert expected_calibration_error(proba, np.array([0, 1, 1])) == pytest.approx(expected)


def test_probabilities_that_come_true_have_no_error() -> None:
    proba = np.tile(np.array([[0.75, 0.25]]), (8, 1))
    assert expected_calibration_error(proba, np.array([0, 0, 0, 1] * 2)) == 0.0
