from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from newsdesk.bundle import Explanation
from newsdesk.predictions import Predictions
from newsdesk.types import Documents, LabelSet, Span, string_array

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.answers import answers, explained, texts_of

DOCUMENTS = Documents.from_texts(["😀 up", "down"], ["a", "b"])
PREDICTIONS = Predictions(
    np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]], dtype=np.float32),
    LabelSet(["x", "y", "z"]),
    DOCUMENTS.ids,
    np.array([False, True]),
)


def test_classes_are_listed_best_first_and_equal_ones_in_the_order_of_the_labels() -> None:
    first, second = answers(DOCUMENTS, PREDICTIONS, top_k=3)
    assert [(one.label, one.score) for one in first.labels] == [
        ("y", 0.5),
        ("x", 0.25),
        ("z", 0.25),
    ]
    assert (first.id, first.abstain, first.low_evidence) == ("a", False, False)
    assert (second.id, second.abstain, second.low_evidence) == ("b", True, True)


def test_below_the_bound_is_not_sure() -> None:
    bounds = [answers(DOCUMENTS, PREDICTIONS, abstain_below=b)[0].abstain for b in (0.5, 0.51)]
    assert bounds == [False, True]


def test_what_was_not_asked_for_is_not_written() -> None:
    written = msgspec.json.decode(msgspec.json.encode(answers(DOCUMENTS, PREDICTIONS, top_k=1)))
    assert set(written[0]) == {"id", "labels", "abstain", "low_evidence"}
    assert set(written[0]["labels"][0]) == {"label", "score"}


def explanation(*spans: Span) -> Explanation:
    return Explanation("y", 0.5, spans, low_evidence=False)


def test_offsets_are_counted_both_ways() -> None:
    texts = [{"text": "😀 up", "more": "ab"}]
    spans = (Span("text", 2, 4, 0.5), Span("more", 0, 2, -1.0))
    results = answers(DOCUMENTS, PREDICTIONS)[:1]
    (found,) = explained(results, texts, [[explanation(*spans)]], each=False)
    assert found.highlights is not None
    first, second = found.highlights
    assert (first.start, first.end, first.start_utf16, first.end_utf16) == (2, 4, 3, 5)
    assert (second.field, second.start_utf16, second.end_utf16, second.weight) == (
        "more",
        0,
        2,
        -1.0,
    )
    assert found.highlight_method == "exact"
    assert found.labels[0].highlights is None


def test_each_class_may_have_its_own() -> None:
    results = answers(DOCUMENTS, PREDICTIONS, top_k=2)[:1]
    by_class = [explanation(Span("text", 2, 4, 0.5)), explanation()]
    (found,) = explained(results, [{"text": "😀 up"}], [by_class], each=True)
    assert found.labels[0].highlights == found.highlights
    assert found.labels[1].highlights == []


def test_bare_texts_are_read_as_the_first_field(pair: Any) -> None:
    assert texts_of(pair, DOCUMENTS) == [{"headline": "😀 up"}, {"headline": "down"}]
    fields = {"headline": string_array(["a"]), "body": string_array(["b"])}
    both = Documents(string_array(["0"]), fields)
    assert texts_of(pair, both) == [{"headline": "a", "body": "b"}]
