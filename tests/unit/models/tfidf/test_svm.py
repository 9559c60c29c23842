from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import PredefinedSplit
from sklearn.svm import LinearSVC

import newsdesk
from newsdesk.models.classifier import SweepTask, Warmable
from newsdesk.models.descent import kernels
from newsdesk.models.tfidf import SvmParams, TfidfSvm
from newsdesk.models.tfidf.family import Task, _seed
from newsdesk.models.tfidf.svm import _folds, _machines
from newsdesk.types import Silent

Make = Callable[..., Any]
Train = Callable[..., Any]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_those_of_scikit_learn(make: Make, train: Train, n_classes: int) -> None:
    documents, y = make(240, n_classes)
    model = train("tfidf-svm", documents, y, n_classes)
    matrix = model._rows(documents).matrix(model._vocabulary.n_features).astype(np.float64)
    folds = PredefinedSplit(_folds(y, 3, _seed(np.random.default_rng(0))))
    machine = LinearSVC(C=0.5, tol=1e-8, max_iter=100_000, random_state=0)
    expected = CalibratedClassifierCV(machine, cv=folds).fit(matrix, y).predict_proba(matrix)
    assert np.allclose(model.predict_proba(documents), expected, atol=2e-3)


@pytest.fixture(scope="module")
def news() -> tuple[Task, Task]:
    """Two thirds of the sample, whose eight sections overlap, and the other third."""
    corpus = newsdesk.read_corpus("sample")
    n = len(corpus)
    train, held_out = np.flatnonzero(np.arange(n) % 3), np.arange(0, n, 3)
    model = TfidfSvm(SvmParams(tokens="words", min_df=2))
    model.fit(
        corpus.documents.take(train),
        corpus.y[train],
        n_classes=len(corpus.labels),
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    width = model._fitted().n_features
    first, second = (
        Task(model._rows(corpus.documents.take(rows)), width, corpus.y[rows], 8, 0, Silent())
        for rows in (train, held_out)
    )
    return first, second


def test_machines_are_those_of_liblinear(news: tuple[Task, Task]) -> None:
    train, held_out = news
    settings = [SvmParams(C=C) for C in (0.1, 0.5, 5.0)]
    inside, outside = (task.rows.matrix(task.n_features).astype(np.float64) for task in news)
    for params, found in zip(settings, _machines(settings, train), strict=True):
        oracle = LinearSVC(C=params.C, tol=1e-8, max_iter=100_000, random_state=0)
        expected = oracle.fit(inside, train.y).decision_function(outside)
        margins = held_out.rows.times(found.weights) + found.bias
        assert np.abs(margins - expected).max() < 1e-3
        assert found.bias == pytest.approx(oracle.intercept_, abs=1e-3)
        assert (margins.argmax(axis=1) == expected.argmax(axis=1)).mean() >= 0.999


@pytest.mark.parametrize("n_classes", [3, 8])
def test_classes_without_rows_have_no_machine(news: tuple[Task, Task], n_classes: int) -> None:
    train, _ = news
    rows = np.flatnonzero(np.isin(train.y, [0, 2]))
    part = train._replace(rows=train.rows.take(rows), y=train.y[rows], n_classes=n_classes)
    (found,) = _machines([SvmParams()], part)
    assert np.flatnonzero(np.abs(found.weights).sum(axis=0)).tolist() == [0, 2]
    assert np.flatnonzero(found.bias).tolist() == [0, 2]
    alone = part._replace(y=np.full(len(rows), 2))
    machines = list(_machines([SvmParams(), SvmParams(C=1.0)], alone))
    assert len(machines) == 2
    assert not any(machine.weights.any() or machine.bias.any() for machine in machines)


def test_two_classes_have_margins_that_mirror_each_other(news: tuple[Task, Task]) -> None:
    train, held_out = news
    part = train._replace(y=(train.y > 3).astype(np.int64), n_classes=2)
    (found,) = _machines([SvmParams()], part)
    oracle = LinearSVC(C=0.5, tol=1e-8, max_iter=100_000, random_state=0)
    oracle.fit(train.rows.matrix(train.n_features).astype(np.float64), part.y)
    expected = oracle.decision_function(held_out.rows.matrix(train.n_features))
    margins = held_out.rows.times(found.weights) + found.bias
    assert np.abs(margins[:, 1] - expected).max() < 1e-3
    assert np.array_equal(margins[:, 0], -margins[:, 1])


def test_training_stops_at_the_latest_after_the_allowed_passes(news: tuple[Task, Task]) -> None:
    one, two, many = (
        next(_machines([SvmParams(max_iter=n)], news[0])).weights for n in (1, 2, 1000)
    )
    assert np.abs(one - many).max() > np.abs(two - many).max() > 1e-3


def test_threads_do_not_change_a_byte_of_the_bundle(
    make: Make, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, y = make(120)
    saved = []
    for n_threads in ("1", "2", "4"):
        monkeypatch.setenv("NEWSDESK_THREADS", n_threads)
        folder = tmp_path / n_threads
        folder.mkdir()
        train("tfidf-svm", documents, y, 3).save(folder)
        saved.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert saved[0] == saved[1] == saved[2]


def test_the_memory_plan_counts_the_dual_variables(make: Make) -> None:
    documents, _ = make(3000)
    model = TfidfSvm(SvmParams(max_features=1))
    more = model.plan(documents, 1003) - model.plan(documents, 3)
    assert more >= 4 * 3000 * 1000


def test_warming_up_compiles_what_a_fit_needs(make: Make, train: Train) -> None:
    model = TfidfSvm()
    assert isinstance(model, Warmable)
    model.warm_up()
    before = len(kernels.epoch_squared_hinge.signatures)
    train("tfidf-svm", *make(120), 3)
    assert len(kernels.epoch_squared_hinge.signatures) == before


def test_a_fit_needs_no_scikit_learn() -> None:
    code = """
import sys
import numpy as np
from newsdesk.models.tfidf import SvmParams, TfidfSvm
from newsdesk.types import Documents, Silent
TfidfSvm(SvmParams(tokens="words", min_df=1, max_df=1.0)).fit(
    Documents.from_texts(["a goal", "a bank", "the goal", "the bank"] * 3),
    np.array([0, 1, 0, 1] * 3),
    n_classes=2,
    valid=None,
    rng=np.random.default_rng(0),
    progress=Silent(),
)
assert "sklearn" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_logits_are_logarithms_of_the_mean_probability(make: Make, train: Train) -> None:
    documents, y = make(120)
    model = train("tfidf-svm", documents, y, 3, cv=4)
    tensors = model._tensors
    margins = model._rows(documents).times(tensors["weights"]).reshape(-1, 4, 3) + tensors["bias"]
    sigmoids = 1 / (1 + np.exp(-(margins * tensors["slope"] + tensors["offset"])))
    mean = (sigmoids / sigmoids.sum(axis=2, keepdims=True)).mean(axis=1)
    assert np.allclose(np.exp(model.decision(documents).values), mean, atol=1e-5)


def test_logits_of_extreme_margins_are_finite(make: Make, train: Train) -> None:
    documents, y = make(120)
    model = train("tfidf-svm", documents, y, 3)
    model._tensors["offset"] = model._tensors["offset"] - np.float32(1e4)
    assert np.isfinite(model.decision(documents).values).all()


@pytest.mark.parametrize("y", [[0, 1], [0, 0, 1], [0, 1, 2, 2, 2, 2, 2], [0] * 9 + [1] * 2])
def test_classes_with_fewer_rows_than_folds_are_learnt(
    make: Make, train: Train, y: list[int]
) -> None:
    documents, _ = make(len(y))
    model = train("tfidf-svm", documents, np.array(y), 3, min_df=1, max_df=1.0)
    proba = model.predict_proba(documents)
    assert np.isfinite(proba).all()
    assert np.allclose(proba.sum(axis=1), 1, atol=1e-6)


def test_folds_deal_every_class_evenly() -> None:
    y = np.repeat([0, 1, 2], [30, 9, 3])
    fold = _folds(y, 3, seed=1)
    assert [np.bincount(fold[y == c]).tolist() for c in range(3)] == [[10] * 3, [3] * 3, [1] * 3]
    rare = np.array([0, 0, 0, 0, 0, 1])
    assert sorted(np.bincount(_folds(rare, 3, seed=1)).tolist()) == [2, 2, 2]
    assert not np.array_equal(_folds(y, 3, seed=1), _folds(y, 3, seed=2))


def test_a_sweep_gives_margins_of_plain_machines_in_any_order_of_the_tasks(make: Make) -> None:
    documents, y = make(150)
    train, held_out = np.arange(100), np.arange(100, 150)
    tasks = [SweepTask(SvmParams(C=C), train, held_out) for C in (2.0, 0.1, 0.5)]
    swept = dict(TfidfSvm.sweep(documents, y, tasks, n_classes=3, seed=0, progress=Silent()))
    model = TfidfSvm().fit(
        documents.take(train),
        y[train],
        n_classes=3,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    width = model._fitted().n_features
    inside = model._rows(documents.take(train)).matrix(width)
    outside = model._rows(documents.take(held_out)).matrix(width)
    for number, task in enumerate(tasks):
        plain = LinearSVC(C=task.params.C, tol=1e-8, max_iter=100_000).fit(inside, y[train])
        assert np.allclose(swept[number], plain.decision_function(outside), atol=2e-3)
