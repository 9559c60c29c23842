from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from newsdesk.models.classifier import SweepTask
from newsdesk.models.tfidf import LogregParams, TfidfLogreg
from newsdesk.types import Silent

Make = Callable[..., Any]
Train = Callable[..., Any]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_those_of_scikit_learn(make: Make, train: Train, n_classes: int) -> None:
    documents, y = make(150, n_classes)
    model = train("tfidf-logreg", documents, y, n_classes, min_df=1)
    matrix = model._rows(documents).matrix(model._vocabulary.n_features).astype(np.float64)
    expected = LogisticRegression(C=5, tol=1e-8, max_iter=10_000).fit(matrix, y)
    found = model.predict_proba(documents)
    assert np.allclose(found, expected.predict_proba(matrix), atol=5e-3)


def test_a_sweep_ends_where_single_fits_do(make: Make) -> None:
    documents, y = make(150)
    train, held_out = np.arange(100), np.arange(100, 150)
    tasks = [SweepTask(LogregParams(C=c), train, held_out) for c in (5.0, 0.1, 1.0)]
    swept = dict(TfidfLogreg.sweep(documents, y, tasks, n_classes=3, seed=0, progress=Silent()))
    for number, task in enumerate(tasks):
        alone = TfidfLogreg(task.params).fit(
            documents.take(train),
            y[train],
            n_classes=3,
            valid=None,
            rng=np.random.default_rng(0),
            progress=Silent(),
        )
        expected = alone.decision(documents.take(held_out)).values
        assert np.allclose(swept[number], expected, atol=5e-2)
