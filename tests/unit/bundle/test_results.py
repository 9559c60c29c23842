from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from newsdesk.bundle import Explanation
from newsdesk.bundle.results import explanations
from newsdesk.predictions import Predictions
from newsdesk.types import LabelSet, Span, numbered


def test_an_explanation_is_a_value() -> None:
    span = Span("text", 0, 4, 0.5)
    explanation = Explanation("SPORT", 0.9, (span,), low_evidence=False)
    assert explanation == Explanation("SPORT", 0.9, (Span("text", 0, 4, 0.5),), low_evidence=False)
    with pytest.raises(FrozenInstanceError):
        explanation.label = "BUSINESS"  # type: ignore[misc]


def test_each_document_is_explained_by_its_own_class_and_words() -> None:
    proba = np.array([[0.75, 0.25], [0.5, 0.5]], dtype=np.float32)
    answers = Predictions(proba, LabelSet(["A", "B"]), numbered(2), np.array([False, True]))
    spans = [[Span("text", 0, 4, 0.5)], []]
    found = explanations(answers, np.array([1, 0]), spans)
    assert found == [
        Explanation("B", 0.25, (Span("text", 0, 4, 0.5),), low_evidence=False),
        Explanation("A", 0.5, (), low_evidence=True),
    ]
