from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from newsdesk.features.ngrams import NgramHasher
from newsdesk.models.descent.descent import Descent, Loss
from newsdesk.models.descent.path import growth, solve_path
from newsdesk.models.descent.solver import Solution, Solver
from newsdesk.models.hashed.weighting import Weighting
from newsdesk.models.rows import Rows
from newsdesk.types import Documents, Floats, Indices, Silent

LOSSES: tuple[Loss, ...] = ("squared_hinge", "logistic")
PUBLISHED = (0.1, 0.2, 0.3, 0.5, 1.0, 5.0)
K = 4


def problem(seed: int = 0, n: int = 600) -> tuple[Rows, Indices, int, Floats]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, K, n)
    words = [[f"w{c}x{i}" for i in range(12)] + [f"any{i}" for i in range(40)] for c in range(K)]
    texts = [" ".join(rng.choice(words[c], 8)) for c in y]
    counts = NgramHasher(bits=14).count(Documents.from_texts(texts))
    weighting = Weighting.fit(counts, bits=14, min_df=2, block_weights=(1.0,))
    return weighting.apply(counts), y, len(weighting.idf), np.ones((2, K), dtype=np.float32)


def climbed(
    loss: Loss, tol: float, values: tuple[float, ...] = PUBLISHED, max_epochs: int = 30
) -> list[Solution]:
    rows, y, n_features, costs = problem()
    descent = Descent(loss, rows, y, n_features, K, n_threads=1)
    solvers = [Solver(loss, C, tol, max_epochs) for C in values]
    path = solve_path(solvers, descent, costs, rng=np.random.default_rng(0), progress=Silent())
    # The arrays are those of the descent, which goes on.
    return [
        Solution(s.weights.copy(), s.bias.copy(), s.duals._replace(alpha=s.duals.alpha.copy()), n)
        for s in path
        for n in [s.n_epochs]
    ]


def from_zero(loss: Loss, tol: float, C: float, max_epochs: int = 30) -> Solution:  # noqa: N803
    rows, y, n_features, costs = problem()
    rng = np.random.default_rng(0)
    solver = Solver(loss, C, tol, max_epochs)
    return solver.solve(rows, y, n_features, costs, rng=rng, n_threads=2, progress=Silent())


@pytest.mark.parametrize("loss", LOSSES)
def test_the_first_fit_has_the_bits_of_a_fit_from_zero(loss: Loss) -> None:
    first = climbed(loss, 0.12)[0]
    alone = from_zero(loss, 0.12, PUBLISHED[0])
    assert np.array_equal(first.weights, alone.weights)
    assert np.array_equal(first.bias, alone.bias)
    assert first.n_epochs == alone.n_epochs


@pytest.mark.parametrize("loss", LOSSES)
def test_every_fit_reaches_the_optimum_that_a_fit_from_zero_reaches(loss: Loss) -> None:
    for cost, found in zip(PUBLISHED, climbed(loss, 1e-5, max_epochs=2000), strict=True):
        alone = from_zero(loss, 1e-5, cost, max_epochs=2000)
        assert found.weights == pytest.approx(alone.weights, abs=5e-3)
        assert found.bias == pytest.approx(alone.bias, abs=5e-3)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_warm_start_saves_epochs(loss: Loss) -> None:
    warm = sum(found.n_epochs for found in climbed(loss, 0.12)[1:])
    cold = sum(from_zero(loss, 0.12, C).n_epochs for C in PUBLISHED[1:])
    assert warm < cold


@pytest.mark.parametrize("loss", LOSSES)
def test_duals_are_feasible_at_every_step(loss: Loss) -> None:
    for cost, found in zip(PUBLISHED, climbed(loss, 0.12), strict=True):
        assert found.duals.alpha.min() >= 0
        if loss == "logistic":
            assert found.duals.alpha.max() <= cost * (1 + 1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_growth_is_at_least_one_and_at_most_the_ratio(loss: Loss) -> None:
    for before, after in pairwise((1e-6, 1e-3, 0.1, 0.1, 5.0, 1e6)):
        assert 1 <= growth(loss, before, after) <= after / before * (1 + 1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_growth_is_that_of_the_dual_of_one_document_alone(loss: Loss) -> None:
    rows = Rows(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.float32))
    costs, y = np.ones((2, 1), np.float32), np.array([0])
    duals = []
    for cost in (0.3, 2.0):
        solver = Solver(loss, cost, 1e-7, 200)
        rng = np.random.default_rng(0)
        found = solver.solve(rows, y, 1, costs, rng=rng, n_threads=1, progress=Silent())
        duals.append(float(found.duals.alpha[0, 0]))
    assert growth(loss, 0.3, 2.0) == pytest.approx(duals[1] / duals[0], rel=1e-4)


def test_values_that_are_not_finite_are_given_and_not_raised() -> None:
    rows, y, n_features, costs = problem(n=50)
    descent = Descent("logistic", rows, y, n_features, K, n_threads=1)
    solvers = [Solver("logistic", C, 0.1, 2) for C in (0.1, 1.0)]
    endless = np.full_like(costs, np.inf)
    found = list(
        solve_path(solvers, descent, endless, rng=np.random.default_rng(0), progress=Silent())
    )
    assert len(found) == 2
    assert not np.isfinite(found[0].weights).all()
