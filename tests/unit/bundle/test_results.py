from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from newsdesk.bundle import Explanation
from newsdesk.types import Span


def test_an_explanation_is_a_value() -> None:
    span = Span("text", 0, 4, 0.5)
    explanation = Explanation("SPORT", 0.9, (span,), low_evidence=False)
    assert explanation == Explanation("SPORT", 0.9, (Span("text", 0, 4, 0.5),), low_evidence=False)
    with pytest.raises(FrozenInstanceError):
        explanation.label = "BUSINESS"  # type: ignore[misc]
