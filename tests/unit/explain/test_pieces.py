from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.explain.pieces import in_utf16, pieces, shares, utf16_offsets
from newsdesk.types import Span

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@st.composite
def explained(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS)
    places = st.integers(0, len(text))
    weights = st.floats(-5, 5, allow_nan=False)
    spans = draw(st.lists(st.tuples(places, places, weights)))
    return text, [Span("text", min(a, b), max(a, b), weight) for a, b, weight in spans]


@given(explained())
def test_pieces_are_the_text(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    found = pieces(text, spans)
    assert "".join(piece.text for piece in found) == text
    assert all(piece.text for piece in found)


@given(explained())
def test_no_weight_is_lost(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    total = sum(span.weight for span in spans if span.end > span.start)
    assert sum(piece.weight for piece in pieces(text, spans)) == pytest.approx(total, abs=1e-9)
    assert sum(share.weight for share in shares(text, spans)) == pytest.approx(total, abs=1e-9)


@given(explained())
def test_the_largest_share_is_one(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    found = [abs(piece.share) for piece in pieces(text, spans) if piece.weight]
    assert not found or max(found) == 1.0


def test_words_that_differ_in_case_only_are_one_share() -> None:
    spans = [Span("text", 0, 3, 0.5), Span("text", 4, 7, 0.25), Span("text", 8, 12, -2.0)]
    assert shares("Cup cup loss", spans) == [("loss", 1, -2.0), ("Cup", 2, 0.75)]


@given(TEXTS)
def test_utf16_offsets_are_those_of_the_encoded_text(text: str) -> None:
    offsets = list(range(len(text) + 1))
    units = utf16_offsets(text, offsets)
    assert units == [len(text[:offset].encode("utf-16-le")) // 2 for offset in offsets]


def test_utf16_offsets_keep_the_given_order() -> None:
    assert utf16_offsets("😀😀", [2, 0, 1]) == [4, 0, 2]


@given(explained())
def test_spans_are_found_again_as_javascript_counts(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    units = text.encode("utf-16-le")
    for span, (start, end) in zip(spans, in_utf16(text, spans), strict=True):
        assert units[2 * start : 2 * end].decode("utf-16-le") == text[span.start : span.end]
