from __future__ import annotations

import numpy as np

from newsdesk.models.tfidf.placing import all_classes, both_classes


def test_a_class_without_documents_never_scores_best() -> None:
    rng = np.random.default_rng(0)
    weights, bias = rng.normal(size=(6, 2)), rng.normal(size=2)
    placed, offset = all_classes(weights, bias, np.array([0, 2]), 4)
    assert placed.shape == (6, 4)
    assert placed.flags.c_contiguous
    assert np.array_equal(placed[:, [0, 2]], weights.astype(np.float32))
    rows = rng.random((50, 6))
    scores = rows @ placed + offset
    assert (scores[:, [1, 3]].max(axis=1) <= scores[:, [0, 2]].min(axis=1) + 1e-6).all()


def test_one_logit_is_divided_between_two_classes() -> None:
    weights, bias = both_classes(np.array([[2.0], [-3.0]]), np.array([1.0]))
    assert weights.tolist() == [[-1, 1], [1.5, -1.5]]
    assert bias.tolist() == [-0.5, 0.5]
