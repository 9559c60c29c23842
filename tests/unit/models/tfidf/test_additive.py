from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Make = Callable[..., Any]
Train = Callable[..., Any]

FAMILIES = ["tfidf-logreg", "tfidf-nb"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_score_is_the_bias_and_what_each_ngram_adds(
    make: Make, train: Train, family: str, n_classes: int
) -> None:
    documents, y = make(90, n_classes)
    model = train(family, documents, y, n_classes)
    rows = model._rows(documents)
    dense = rows.matrix(model._vocabulary.n_features).toarray()
    expected = dense @ model._tensors["weights"] + model._tensors["bias"]
    found = model.decision(documents).values
    assert np.allclose(found, expected, atol=1e-5)
    spans = model.attribute(documents, y)
    gained = [sum(span.weight for span in words) for words in spans]
    own = found[np.arange(len(y)), y]
    assert np.allclose(gained, own - model._tensors["bias"][y], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_class_without_rows_is_never_the_answer(make: Make, train: Train, family: str) -> None:
    documents, y = make(90)
    scores = train(family, documents, np.where(y == 1, 3, y), 5).decision(documents)
    assert set(scores.values.argmax(axis=1).tolist()) <= {0, 2, 3}
