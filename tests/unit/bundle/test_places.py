from __future__ import annotations

from newsdesk.bundle.places import located
from newsdesk.features.clean import Cleaner
from newsdesk.types import Documents, Span, numbered, string_array


def test_spans_move_to_where_their_words_stand_in_the_raw_texts() -> None:
    raw = Documents(
        numbered(3),
        {
            "headline": string_array(["<b>Rates</b> up 5%", "plain", ""]),
            "description": string_array(["see www.example.org", "text", ""]),
        },
    )
    spans = [
        [Span("headline", 0, 5, 1.0), Span("headline", 9, 18, 2.0), Span("description", 4, 9, 3.0)],
        [Span("description", 0, 4, 4.0)],
        [],
    ]
    assert located(raw, spans, Cleaner(html=True, urls=True, numbers=True)) == [
        [
            Span("headline", 3, 8, 1.0),
            Span("headline", 16, 18, 2.0),
            Span("description", 4, 19, 3.0),
        ],
        [Span("description", 0, 4, 4.0)],
        [],
    ]
