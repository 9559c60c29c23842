from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from newsdesk.errors import NotFittedError
from newsdesk.models.tfidf import TfidfMlp
from newsdesk.types import Documents, Silent

Make = Callable[..., Any]
Train = Callable[..., Any]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_those_of_scikit_learn(make: Make, train: Train, n_classes: int) -> None:
    documents, y = make(150, n_classes)
    model = train("tfidf-mlp", documents, y, n_classes, epochs=5, hidden=(12, 7), batch_size=30)
    matrix = model._rows(documents).matrix(model._vocabulary.n_features)
    theirs = MLPClassifier(
        (12, 7), batch_size=30, random_state=int(np.random.default_rng(0).integers(1 << 31))
    )
    for _ in range(5):
        theirs.partial_fit(matrix, y, classes=np.arange(n_classes))
    expected = theirs.predict_proba(matrix)
    assert np.allclose(model.predict_proba(documents), expected, atol=1e-5)


def test_training_stops_when_valid_gets_no_better_and_keeps_the_best(
    make: Make, train: Train
) -> None:
    documents, y = make(150)
    valid = make(60, seed=1)
    settings = {"hidden": (20,), "batch_size": 20, "patience": 2}
    model = train("tfidf-mlp", documents, y, 3, valid, max_epochs=40, **settings)
    assert 1 <= model.n_epochs < 40
    epochs = model.n_epochs
    again = train("tfidf-mlp", documents, y, 3, epochs=epochs, **settings)
    assert np.array_equal(again.decision(documents).values, model.decision(documents).values)


def test_a_refit_runs_as_many_epochs_on_all_rows(make: Make, train: Train) -> None:
    documents, y = make(150)
    valid = make(60, seed=1)
    model = train("tfidf-mlp", documents, y, 3, valid, max_epochs=6)
    epochs = model.n_epochs
    before = model.decision(documents).values
    model.refit(*valid, rng=np.random.default_rng(5), progress=Silent())
    assert model.n_epochs == epochs
    assert not np.array_equal(model.decision(documents).values, before)
    texts = Documents.from_texts(documents.texts.to_pylist() + valid[0].texts.to_pylist())
    whole = train("tfidf-mlp", texts, np.concatenate([y, valid[1]]), 3, epochs=epochs)
    expected = whole.decision(texts.slice(0, len(documents))).values
    assert np.array_equal(model.decision(documents).values, expected)


def test_a_refit_needs_a_fit_that_is_remembered(make: Make, train: Train) -> None:
    documents, y = make(60)
    model = train("tfidf-mlp", documents, y, 3, epochs=1)
    model.release()
    for unready in (model, TfidfMlp()):
        with pytest.raises(NotFittedError):
            unready.refit(documents, y, rng=np.random.default_rng(0), progress=Silent())
