from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.descent.descent import Descent, Duals, Loss
from newsdesk.models.rows import Rows
from newsdesk.types import Floats, Indices

N, N_FEATURES, K = 120, 25, 5


def problem(seed: int = 0) -> tuple[Rows, Indices, Floats]:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 7, N)
    parts = [np.sort(rng.choice(N_FEATURES, length, replace=False)) for length in lengths]
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    values = rng.uniform(0.1, 1, indptr[-1]).astype(np.float32)
    rows = Rows(indptr, np.concatenate(parts).astype(np.int32), values)
    return rows, rng.integers(0, K, N), np.full((2, K), 0.8, dtype=np.float32)


def begun(loss: Loss, n_threads: int = 1, start: Duals | None = None) -> tuple[Descent, Floats]:
    rows, y, costs = problem()
    return Descent(loss, rows, y, N_FEATURES, K, n_threads=n_threads, start=start), costs


def order(seed: int = 0) -> Indices:
    return np.random.default_rng(seed).permutation(N)


@pytest.mark.parametrize("loss", ["squared_hinge", "logistic"])
def test_the_number_of_threads_changes_no_bit(loss: Loss) -> None:
    states = []
    for n_threads in (1, 2, 3, 8):
        descent, costs = begun(loss, n_threads)
        moved = [descent.epoch(order(seed), costs) for seed in range(3)]
        states.append((descent.weights, descent.bias, descent.alpha, moved))
    for weights, bias, alpha, moved in states[1:]:
        assert np.array_equal(weights, states[0][0])
        assert np.array_equal(bias, states[0][1])
        assert np.array_equal(alpha, states[0][2])
        assert moved == pytest.approx(states[0][3], rel=1e-12)


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("loss", ["squared_hinge", "logistic"])
def test_grown_duals_and_weights_are_one_point(loss: Loss, n_threads: int) -> None:
    descent, costs = begun(loss, n_threads)
    descent.epoch(order(), costs)
    descent.grow(1.5)
    again, _ = begun(loss, n_threads, Duals(descent.alpha, 1.0))
    assert descent.weights == pytest.approx(again.weights, abs=1e-5)
    assert descent.bias == pytest.approx(again.bias, abs=1e-5)


def test_a_start_of_fewer_rows_leaves_the_others_at_zero() -> None:
    alpha = np.full((40, K), 0.25, dtype=np.float32)
    descent, _ = begun("squared_hinge", start=Duals(alpha, 1.0))
    assert (descent.alpha[:40] == 0.25).all()
    assert not descent.alpha[40:].any()
    assert descent.n == N
