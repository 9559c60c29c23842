from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.naive_bayes import ComplementNB

Make = Callable[..., Any]
Train = Callable[..., Any]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("norm", [False, True])
def test_scores_are_those_of_scikit_learn(
    make: Make, train: Train, n_classes: int, norm: bool
) -> None:
    documents, y = make(120, n_classes)
    model = train("tfidf-nb", documents, y, n_classes, alpha=0.5, norm=norm)
    matrix = model._rows(documents).matrix(model._vocabulary.n_features)
    expected = ComplementNB(alpha=0.5, norm=norm).fit(matrix, y).predict_joint_log_proba(matrix)
    assert np.allclose(model.decision(documents).values, expected, rtol=1e-5, atol=1e-5)
