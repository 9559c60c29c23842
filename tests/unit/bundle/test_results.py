from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from newsdesk.bundle import Bundle, Explanation
from newsdesk.bundle.results import answers
from newsdesk.predictions import Scores
from newsdesk.types import Documents, LabelSet, Span, numbered


def test_an_explanation_is_a_value() -> None:
    span = Span("text", 0, 4, 0.5)
    explanation = Explanation("SPORT", 0.9, (span,), low_evidence=False)
    assert explanation == Explanation("SPORT", 0.9, (Span("text", 0, 4, 0.5),), low_evidence=False)
    with pytest.raises(FrozenInstanceError):
        explanation.label = "BUSINESS"  # type: ignore[misc]


def test_an_explanation_is_exact_unless_it_says_otherwise() -> None:
    explanation = Explanation("SPORT", 0.9, (), low_evidence=False)
    assert (explanation.method, explanation.n_variants) == ("exact", 0)


def test_the_class_frequencies_answer_where_nothing_is_known() -> None:
    documents = Documents.from_texts(["goal cup", "bank rates"] * 8)
    bundle = Bundle.fit(documents, np.arange(16) % 2, labels=LabelSet(["A", "B"])).bundle
    scores = Scores(np.array([[3, -3], [3, -3]], dtype=np.float32), np.array([False, True]))
    found = answers(bundle, numbered(2), scores)
    assert found.proba[0].tolist() == bundle.calibrator.apply(scores.values)[0].tolist()
    assert found.proba[1].tolist() == bundle.prior.tolist()
    assert found.low_evidence.tolist() == [False, True]
    assert found.label_set == bundle.labels
