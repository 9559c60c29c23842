from __future__ import annotations

from newsdesk.bundle.places import located, read_words
from newsdesk.features.clean import Cleaner
from newsdesk.features.stretches import Stretch
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


def test_words_that_are_read_are_neither_markup_nor_parts_of_a_mask() -> None:
    raw = Documents(
        numbered(1),
        {
            "headline": string_array(["<b>Rates</b> up 5%"]),
            "description": string_array(["see www.example.org"]),
        },
    )
    cleaner = Cleaner(html=True, urls=True, numbers=True)
    assert read_words(raw, cleaner) == [
        Stretch("headline", 3, 8),
        Stretch("headline", 13, 15),
        Stretch("headline", 16, 18),
        Stretch("description", 0, 3),
        Stretch("description", 4, 19),
    ]


def test_what_is_cut_off_is_not_read() -> None:
    raw = Documents.from_texts(["Rates rise again"])
    assert read_words(raw, Cleaner(max_chars=10)) == [
        Stretch("text", 0, 5),
        Stretch("text", 6, 10),
    ]
    assert len(read_words(raw, Cleaner())) == 3


def test_words_that_came_from_the_same_characters_are_one() -> None:
    raw = Documents.from_texts(["a&frac12;b"])
    assert read_words(raw, Cleaner(html=True, repair=True)) == [Stretch("text", 0, 10)]
