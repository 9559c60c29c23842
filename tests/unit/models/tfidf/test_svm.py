from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from newsdesk.models.classifier import SweepTask
from newsdesk.models.tfidf import SvmParams, TfidfSvm
from newsdesk.models.tfidf.family import _seed
from newsdesk.models.tfidf.svm import _folds
from newsdesk.types import Silent

Make = Callable[..., Any]
Train = Callable[..., Any]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_those_of_scikit_learn(make: Make, train: Train, n_classes: int) -> None:
    documents, y = make(240, n_classes)
    model = train("tfidf-svm", documents, y, n_classes)
    matrix = model._rows(documents).matrix(model._vocabulary.n_features).astype(np.float64)
    folds = StratifiedKFold(3, shuffle=True, random_state=_seed(np.random.default_rng(0)))
    machine = LinearSVC(C=0.5, tol=1e-8, max_iter=100_000, random_state=0)
    expected = CalibratedClassifierCV(machine, cv=folds).fit(matrix, y).predict_proba(matrix)
    assert np.allclose(model.predict_proba(documents), expected, atol=2e-3)


def test_threads_do_not_change_the_result(
    make: Make, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, y = make(120)
    scores = []
    for n_threads in ("1", "4"):
        monkeypatch.setenv("NEWSDESK_THREADS", n_threads)
        scores.append(train("tfidf-svm", documents, y, 3).decision(documents).values)
    assert np.array_equal(*scores)


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


def test_a_sweep_gives_margins_of_plain_machines(make: Make) -> None:
    documents, y = make(150)
    train, held_out = np.arange(100), np.arange(100, 150)
    tasks = [SweepTask(SvmParams(C=c), train, held_out) for c in (0.5, 2.0)]
    swept = dict(TfidfSvm.sweep(documents, y, tasks, n_classes=3, seed=0, progress=Silent()))
    model = TfidfSvm().fit(
        documents.take(train),
        y[train],
        n_classes=3,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    assert model._vocabulary is not None
    width = model._vocabulary.n_features
    inside = model._rows(documents.take(train)).matrix(width)
    outside = model._rows(documents.take(held_out)).matrix(width)
    for number, task in enumerate(tasks):
        plain = LinearSVC(C=task.params.C, tol=1e-8, max_iter=100_000).fit(inside, y[train])
        assert np.allclose(swept[number], plain.decision_function(outside), atol=5e-3)
