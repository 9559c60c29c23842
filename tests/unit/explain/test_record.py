from __future__ import annotations

from newsdesk.bundle import Explanation
from newsdesk.explain.record import record
from newsdesk.types import Span


def test_spans_are_those_of_their_field_with_both_kinds_of_offsets() -> None:
    texts = {"headline": "😀 cup", "description": "cup final"}
    spans = (Span("headline", 2, 5, 0.5), Span("description", 4, 9, -0.25))
    found = record(texts, Explanation("SPORT", 0.75, spans, low_evidence=False))
    assert found["label"] == "SPORT"
    assert found["spans"] == [
        {
            **{"field": "headline", "text": "cup", "weight": 0.5, "start": 2, "end": 5},
            **{"start_utf16": 3, "end_utf16": 6},
        },
        {
            **{"field": "description", "text": "final", "weight": -0.25, "start": 4, "end": 9},
            **{"start_utf16": 4, "end_utf16": 9},
        },
    ]
