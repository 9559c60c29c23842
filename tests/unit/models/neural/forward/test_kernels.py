from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.neural.forward import kernels
from newsdesk.types import Floats


def floats(*shape: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_tanh_is_right_to_three_units_of_the_seventh_digit() -> None:
    x = np.concatenate([np.linspace(-20, 20, 400_001), np.logspace(-30, 0, 10_000)])
    x = x.astype(np.float32)
    found = x.copy()
    kernels._squash(found)
    assert np.allclose(found, np.tanh(x.astype(np.float64)), rtol=3e-7, atol=0)
    assert np.abs(found).max() <= 1


def test_the_logistic_function_is_right_to_two_units_of_the_seventh_digit() -> None:
    x = np.linspace(-40, 40, 400_001).astype(np.float32)
    found = x.copy()
    kernels._open(found)
    assert np.abs(found - 1 / (1 + np.exp(-x.astype(np.float64)))).max() < 2e-7
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("depth", [1, 7, 8, 20])
@pytest.mark.parametrize("width", [1, 13, 300, 5000])
def test_rows_are_mapped(depth: int, width: int) -> None:
    rows, weights, bias = floats(37, depth), floats(depth, width, seed=1), floats(width, seed=2)
    found = np.full((37, width), np.nan, dtype=np.float32)
    kernels.affine(rows, weights, bias, found)
    expected = rows.astype(np.float64) @ weights + bias
    assert np.allclose(found, expected, rtol=0, atol=1e-5)


def test_a_mapped_row_does_not_depend_on_the_others() -> None:
    rows, weights, bias = floats(37, 21), floats(21, 611, seed=1), floats(611, seed=2)
    together = np.empty((37, 611), dtype=np.float32)
    kernels.affine(rows, weights, bias, together)
    for n in (1, 2, 3, 15, 17):
        some = np.empty((n, 611), dtype=np.float32)
        kernels.affine(rows[5 : 5 + n], weights, bias, some)
        assert np.array_equal(some, together[5 : 5 + n])


def test_a_step_opens_and_closes_its_gates() -> None:
    # One unit, no recurrence: gates i, f, g, o wide open let the input through and keep the cell.
    projected = np.array([[20, 20, 0.5, 20], [20, -20, 0.25, 20]], dtype=np.float32)
    states = np.zeros((3, 2), dtype=np.float32)
    recurrent = np.zeros((1, 4), dtype=np.float32)
    ends = np.array([0, 3])
    kernels.recur(projected, np.array([0, 0, 1]), ends, recurrent, False, states, 1)
    first = np.tanh(0.5)
    assert states[:, 1] == pytest.approx(np.tanh([first, 2 * first, np.tanh(0.25)]), abs=1e-6)
    assert not states[:, 0].any()


def test_reading_backwards_is_reading_the_mirrored_rows() -> None:
    projected, recurrent = floats(6, 12), floats(3, 12, seed=1)
    place, ends = np.array([3, 1, 2, 0, 5, 4]), np.array([0, 4, 6, 6])
    mirrored = np.array([0, 2, 1, 3, 4, 5])
    backwards, forwards = (np.zeros((6, 3), dtype=np.float32) for _ in range(2))
    kernels.recur(projected, place, ends, recurrent, True, backwards, 0)
    kernels.recur(projected, mirrored, ends, recurrent, False, forwards, 0)
    assert np.array_equal(backwards, forwards[[3, 2, 1, 0, 5, 4]])


def test_the_highest_value_may_be_negative_and_an_empty_row_is_left_alone() -> None:
    states = np.array([[-3, 1], [-2, -1], [-5, -5]], dtype=np.float32)
    found = np.zeros((3, 2), dtype=np.float32)
    kernels.highest(states, np.array([0, 2, 2, 3]), found)
    assert found.tolist() == [[-2, 1], [0, 0], [-5, -5]]


def test_a_blend_is_the_weighted_mean() -> None:
    vectors = np.array([[1, 10], [3, 20]], dtype=np.float32)
    weights = np.array([3, 1, 0, 2], dtype=np.float32)
    found = np.full((4, 2), np.nan, dtype=np.float32)
    kernels.blend(vectors, np.array([0, 1, 0, 1]), weights, np.array([0, 2, 3, 3, 4]), found)
    assert found.tolist() == [[1.5, 12.5], [0, 0], [0, 0], [3, 20]]


def test_a_tally_is_the_sum_with_weights_of_length_one() -> None:
    vectors = np.array([[1, 10], [3, 20]], dtype=np.float32)
    weights = np.array([3, 4, 0, 2], dtype=np.float32)
    found = np.full((4, 2), np.nan, dtype=np.float32)
    kernels.tally(vectors, np.array([0, 1, 0, 1]), weights, np.array([0, 2, 3, 3, 4]), found)
    assert found == pytest.approx(np.array([[3, 22], [0, 0], [0, 0], [3, 20]]), abs=1e-5)


def test_attention_weights_are_a_softmax_of_scores_of_any_size() -> None:
    projected, query = floats(5, 3), np.array([100, -200, 50], dtype=np.float32)
    scores = np.tanh(projected.astype(np.float64)) @ query
    found = np.empty(5, dtype=np.float32)
    kernels.attend(projected.copy(), query, np.array([0, 2, 2, 5]), found)
    for row in (slice(0, 2), slice(2, 5)):
        expected = np.exp(scores[row] - scores[row].max())
        assert found[row] == pytest.approx(expected, rel=1e-4, abs=1e-12)
