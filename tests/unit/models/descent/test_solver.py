from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from newsdesk.errors import DivergedError
from newsdesk.features.ngrams import NgramHasher
from newsdesk.models.descent.solver import Duals, Loss, Solution, Solver, warm_up
from newsdesk.models.hashed.weighting import Weighting
from newsdesk.models.rows import Rows
from newsdesk.types import Documents, Floats, Indices, Silent

LOSSES: tuple[Loss, ...] = ("squared_hinge", "logistic")


def sparse(rows: Rows, n_features: int) -> csr_matrix:
    return csr_matrix((rows.values, rows.indices, rows.indptr), shape=(rows.n, n_features))


def random_rows(n: int, n_features: int, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 9, n)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    parts = [np.sort(rng.choice(n_features, length, replace=False)) for length in lengths]
    values = rng.uniform(0.1, 1, indptr[-1])
    return Rows(indptr, np.concatenate(parts).astype(np.int32), values.astype(np.float32))


def solve(
    rows: Rows,
    y: Indices,
    n_features: int,
    costs: Floats,
    *,
    loss: Loss = "squared_hinge",
    C: float = 0.7,  # noqa: N803  LIBLINEAR's name
    tol: float = 0.1,
    max_epochs: int = 30,
    n_threads: int = 1,
    start: Duals | None = None,
) -> Solution:
    return Solver(loss, C, tol, max_epochs).solve(
        rows,
        y,
        n_features,
        costs,
        rng=np.random.default_rng(0),
        n_threads=n_threads,
        progress=Silent(),
        start=start,
    )


@pytest.fixture(scope="module")
def news(newsdesk_data: Callable[[str], Path]) -> tuple[Rows, Indices, int]:
    """Weighted rows of 500 documents of the BBC corpus with their five classes."""
    with newsdesk_data("bbc/bbc-text.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for _, line in zip(range(500), csv.DictReader(file), strict=False)]
    hasher = NgramHasher(word_ngrams=(1, 1), bits=18)
    counts = hasher.count(Documents.from_texts(line["text"] for line in lines))
    weighting = Weighting.fit(counts, bits=18, min_df=2, block_weights=(1.0,))
    _, y = np.unique([line["category"] for line in lines], return_inverse=True)
    return weighting.apply(counts), y, len(weighting.idf)


def balanced(y: Indices, k: int) -> Floats:
    costs = np.ones((2, k), dtype=np.float32)
    costs[0] = len(y) / (k * np.bincount(y, minlength=k))
    return costs


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_squared_hinge_finds_the_optimum_that_liblinear_finds(
    news: tuple[Rows, Indices, int], class_weight: str | None
) -> None:
    rows, y, n_features = news
    costs = balanced(y, 5) if class_weight else np.ones((2, 5), dtype=np.float32)
    found = solve(rows, y, n_features, costs, tol=1e-4, max_epochs=300)
    oracle = LinearSVC(C=0.7, tol=1e-7, max_iter=20000, class_weight=class_weight)
    x = sparse(rows, n_features)
    expected = oracle.fit(x, y).decision_function(x)
    own = x @ found.weights + found.bias
    assert own == pytest.approx(expected, abs=2e-3)
    assert found.bias == pytest.approx(oracle.intercept_, abs=2e-3)
    assert (own.argmax(axis=1) == expected.argmax(axis=1)).all()


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_logistic_finds_the_optimum_that_liblinear_finds(
    news: tuple[Rows, Indices, int], class_weight: str | None
) -> None:
    rows, y, n_features = news
    costs = np.ones((2, 5), dtype=np.float32)
    if class_weight:
        # One machine per class: its own balance of the class against the rest.
        share = np.bincount(y, minlength=5) / len(y)
        costs = np.stack([0.5 / share, 0.5 / (1 - share)]).astype(np.float32)
    found = solve(rows, y, n_features, costs, loss="logistic", C=2.0, tol=1e-5, max_epochs=300)
    single = LogisticRegression(
        C=2.0, solver="liblinear", tol=1e-9, max_iter=5000, class_weight=class_weight
    )
    x = sparse(rows, n_features)
    expected = OneVsRestClassifier(single).fit(x, y).decision_function(x)
    own = x @ found.weights + found.bias
    assert own == pytest.approx(expected, abs=5e-3)
    assert (own.argmax(axis=1) == expected.argmax(axis=1)).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_two_classes_in_one_column_are_the_machine_of_the_second_class(loss: Loss) -> None:
    rows = random_rows(300, 40, seed=1)
    y = np.random.default_rng(2).integers(0, 2, 300)
    found = solve(rows, y - 1, 40, np.ones((2, 1), np.float32), loss=loss, tol=1e-5, max_epochs=500)
    x = sparse(rows, 40)
    oracle = (
        LinearSVC(C=0.7, tol=1e-8, max_iter=50000)
        if loss == "squared_hinge"
        else LogisticRegression(C=0.7, solver="liblinear", tol=1e-9)
    )
    expected = oracle.fit(x, y).decision_function(x)
    assert (x @ found.weights + found.bias)[:, 0] == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n_columns", [1, 2, 5, 34])
def test_the_number_of_threads_changes_no_bit(loss: Loss, n_columns: int) -> None:
    rows = random_rows(200, 50, seed=3)
    y = np.random.default_rng(4).integers(0, n_columns, 200)
    costs = np.ones((2, n_columns), dtype=np.float32)
    one, *others = (
        solve(rows, y, 50, costs, loss=loss, n_threads=n_threads) for n_threads in (1, 2, 3, 64)
    )
    for other in others:
        assert other.n_epochs == one.n_epochs
        assert np.array_equal(other.weights, one.weights)
        assert np.array_equal(other.bias, one.bias)
        assert np.array_equal(other.duals.alpha, one.duals.alpha)


@pytest.mark.parametrize("loss", LOSSES)
def test_weights_are_the_sum_that_the_duals_say(loss: Loss) -> None:
    rows = random_rows(150, 30, seed=5)
    y = np.random.default_rng(6).integers(0, 4, 150)
    found = solve(rows, y, 30, np.ones((2, 4), dtype=np.float32), loss=loss)
    signed = np.where(np.eye(4)[y] > 0, found.duals.alpha, -found.duals.alpha)
    assert found.weights == pytest.approx(sparse(rows, 30).T @ signed, abs=1e-4)
    assert found.bias == pytest.approx(signed.sum(axis=0), abs=1e-3)
    assert (found.duals.alpha >= 0).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_start_from_the_duals_of_the_optimum_stays_there(loss: Loss) -> None:
    rows = random_rows(150, 30, seed=7)
    y = np.random.default_rng(8).integers(0, 3, 150)
    costs = np.ones((2, 3), dtype=np.float32)
    best = solve(rows, y, 30, costs, loss=loss, tol=1e-5, max_epochs=500)
    again = solve(rows, y, 30, costs, loss=loss, tol=1e-2, start=best.duals)
    assert again.n_epochs == 1
    assert again.weights == pytest.approx(best.weights, abs=1e-3)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_warm_start_on_more_rows_comes_to_the_optimum_of_all(loss: Loss) -> None:
    rows = random_rows(200, 30, seed=9)
    y = np.random.default_rng(10).integers(0, 3, 200)
    costs = np.ones((2, 3), dtype=np.float32)
    end = rows.indptr[120]
    part = Rows(rows.indptr[:121], rows.indices[:end], rows.values[:end])
    first = solve(part, y[:120], 30, costs, loss=loss)
    warm = solve(rows, y, 30, costs, loss=loss, tol=1e-5, max_epochs=500, start=first.duals)
    cold = solve(rows, y, 30, costs, loss=loss, tol=1e-5, max_epochs=500)
    assert warm.weights == pytest.approx(cold.weights, abs=2e-3)


def test_training_stops_at_the_latest_after_the_allowed_epochs() -> None:
    rows = random_rows(100, 20, seed=11)
    y = np.random.default_rng(12).integers(0, 3, 100)
    found = solve(rows, y, 20, np.ones((2, 3), dtype=np.float32), tol=1e-9, max_epochs=4)
    assert found.n_epochs == 4


@pytest.mark.parametrize("loss", LOSSES)
def test_rows_without_features_move_the_bias_alone(loss: Loss) -> None:
    rows = Rows(np.zeros(11, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    y = np.array([0] * 7 + [1] * 3)
    found = solve(rows, y, 0, np.ones((2, 2), dtype=np.float32), loss=loss, tol=1e-3)
    assert found.weights.shape == (0, 2)
    assert found.bias[0] > 0 > found.bias[1]


def test_a_fit_that_leaves_the_finite_numbers_is_refused() -> None:
    rows = random_rows(50, 10, seed=13)
    y = np.random.default_rng(14).integers(0, 2, 50)
    costs = np.full((2, 2), np.inf, dtype=np.float32)
    with pytest.raises(DivergedError, match="not finite"):
        solve(rows, y, 10, costs, loss="logistic")


def test_warming_up_compiles_what_a_fit_needs() -> None:
    from newsdesk.models.descent import kernels

    warm_up()
    compiled = (kernels.epoch_squared_hinge, kernels.epoch_logistic, kernels.accumulate)
    before = [len(kernel.signatures) for kernel in compiled]
    rows = random_rows(20, 9, seed=15)
    y = np.random.default_rng(16).integers(0, 2, 20)
    for loss in LOSSES:
        first = solve(rows, y, 9, np.ones((2, 2), dtype=np.float32), loss=loss)
        solve(rows, y, 9, np.ones((2, 2), dtype=np.float32), loss=loss, start=first.duals)
    assert [len(kernel.signatures) for kernel in compiled] == before
