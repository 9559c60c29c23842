from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from newsdesk.models.descent import kernels
from newsdesk.models.rows import Rows


def rows_of(indptr: list[int], indices: list[int], values: list[float]) -> Rows:
    return Rows(
        np.array(indptr),
        np.array(indices, dtype=np.int32),
        np.array(values, dtype=np.float32),
    )


def one_step(loss: str, alpha: float, weight: float, cost: float) -> float:
    """Visit one document with features .6 and .8 and its own class; give the new dual."""
    point = kernels.Point(
        alpha=np.array([[alpha]], dtype=np.float32),
        weights=np.array([[weight], [0.0]], dtype=np.float32),
        bias=np.zeros(1, dtype=np.float32),
    )
    moved = np.zeros(1, dtype=np.float64)
    epoch = getattr(kernels, f"epoch_{loss}")
    costs = np.full((2, 1), cost, dtype=np.float32)
    rows = rows_of([0, 2], [0, 1], [0.6, 0.8])
    epoch(np.array([0]), rows, np.array([0], dtype=np.int32), 0, costs, point, moved)
    step = float(point.alpha[0, 0]) - alpha
    assert moved[0] == pytest.approx(abs(step), abs=1e-6)
    assert point.weights[:, 0] == pytest.approx([weight + 0.6 * step, 0.8 * step], abs=1e-6)
    assert point.bias[0] == pytest.approx(step, abs=1e-6)
    return float(point.alpha[0, 0])


@pytest.mark.parametrize("alpha", [0.0, 0.3])
@pytest.mark.parametrize("weight", [-3.0, 0.0, 2.5])
@pytest.mark.parametrize("cost", [0.1, 4.0])
def test_a_squared_hinge_step_solves_its_coordinate(
    alpha: float, weight: float, cost: float
) -> None:
    # Hsieh et al. 2008, equation 8: q d^2 / 2 + d (margin - 1) with the ridge of the L2 loss.
    found = one_step("squared_hinge", alpha, weight, cost)
    square, margin = 2.0, 0.6 * weight

    def dual(new: float) -> float:
        return square * (new - alpha) ** 2 / 2 + new * (margin - 1) + new**2 / (4 * cost)

    best = minimize_scalar(dual, bounds=(0, 50), method="bounded", options={"xatol": 1e-9})
    assert found == pytest.approx(best.x, abs=2e-4)


@pytest.mark.parametrize("alpha", [0.0, 0.05])
@pytest.mark.parametrize("weight", [-3.0, 0.0, 2.5])
@pytest.mark.parametrize("cost", [0.1, 4.0])
def test_a_logistic_step_solves_its_coordinate(alpha: float, weight: float, cost: float) -> None:
    # Yu, Huang & Lin 2011, equation 15: the entropy of the dual instead of a ridge.
    found = one_step("logistic", alpha, weight, cost)
    square, margin = 2.0, 0.6 * weight

    def dual(new: float) -> float:
        entropy = new * np.log(new) + (cost - new) * np.log(cost - new)
        return float(square * (new - alpha) ** 2 / 2 + new * margin + entropy)

    edge = 1e-12 * cost
    best = minimize_scalar(
        dual, bounds=(edge, cost - edge), method="bounded", options={"xatol": 1e-10}
    )
    assert found == pytest.approx(best.x, abs=5e-3 * cost)


def test_accumulating_duals_gives_their_weights() -> None:
    point = kernels.Point(
        alpha=np.array([[1, 2], [3, 0]], dtype=np.float32),
        weights=np.zeros((3, 2), dtype=np.float32),
        bias=np.zeros(2, dtype=np.float32),
    )
    rows = rows_of([0, 2, 3], [0, 2, 1], [0.5, 1.0, 2.0])
    kernels.accumulate(rows, np.array([1, 0], dtype=np.int32), 0, point)
    # Document 0 is of class 1, document 1 of class 0.
    assert point.weights.tolist() == [[-0.5, 1.0], [6.0, 0.0], [-1.0, 2.0]]
    assert point.bias.tolist() == [2.0, 2.0]
