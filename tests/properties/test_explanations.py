"""Whatever text is explained, its stretches lie in it, apart and in order."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.bundle.occlusion import MOST, Values, occlusions
from newsdesk.bundle.places import read_words
from newsdesk.features.clean import Cleaner
from newsdesk.features.stretches import passages, without, words_of
from newsdesk.types import Documents, numbered, string_array

PIECES = st.sampled_from(
    [
        "goal",
        " ",
        ". ",
        "\n",
        "大阪",
        "👩‍👩‍👧",
        "👍🏽",
        "🇬🇧",
        "e\u0301",
        "हिन्दी",
        "ﬁ",
        "ŉ",
        "İ",
        "\u200d",
        "<b>",
        "&amp;",
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.lists(PIECES, max_size=30).map("".join),
    st.lists(PIECES, min_size=1, max_size=9).map(lambda pieces: "".join(pieces) * 60),
)
CLEANERS = st.sampled_from(
    [Cleaner(), Cleaner(max_chars=7), Cleaner(html=True, numbers=True), Cleaner(lower=True)]
)


def document(headline: str, description: str) -> Documents:
    fields = {"headline": string_array([headline]), "description": string_array([description])}
    return Documents(numbered(1), fields)


def lengths(documents: Documents) -> Values:
    """Stands in for a model: any change of a text changes its answer."""
    columns = [column.to_pylist() for column in documents.fields.values()]
    rows = [(len(first) + 0.5, len(second) + 0.25) for first, second in zip(*columns, strict=True)]
    return np.array(rows).reshape(len(rows), 2)


@given(TEXTS, TEXTS, CLEANERS)
@settings(max_examples=150, deadline=None)
def test_words_lie_in_their_field_apart_and_in_order(
    headline: str, description: str, cleaner: Cleaner
) -> None:
    raw = document(headline, description)
    texts = {"headline": headline, "description": description}
    words = read_words(raw, cleaner)
    assert [word.field for word in words] == sorted((word.field for word in words), reverse=True)
    for word in words:
        assert 0 <= word.start < word.end <= len(texts[word.field])
    for left, right in pairwise(words):
        assert left.field != right.field or left.end <= right.start


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_words_do_not_part_a_letter_from_its_marks(text: str) -> None:
    for word in words_of(Documents.from_texts([text])):
        after = text[word.end : word.end + 1]
        assert not (after and unicodedata.category(after) == "Mn" and word.end - word.start < 20)


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_passages_hold_every_word_once(headline: str, description: str) -> None:
    raw = document(headline, description)
    words = words_of(raw)
    parts = passages(raw, words, MOST)
    assert len(parts) <= MOST
    assert [place for part in parts for place in range(*part)] == list(range(len(words)))
    assert all(words[first].field == words[last - 1].field for first, last in parts)


@given(TEXTS, TEXTS)
@settings(max_examples=100, deadline=None)
def test_occlusion_costs_a_bounded_number_of_answers(headline: str, description: str) -> None:
    raw = document(headline, description)
    texts = {"headline": headline, "description": description}
    (found,) = occlusions(lengths, words_of, raw, lengths(raw), np.array([[0, 1]]))
    assert found.n_variants <= 2 * MOST
    for field, spans in zip(texts, found.spans, strict=True):
        for span in spans:
            assert span.field == field
            rest = without(texts[field], [(span.start, span.end)])
            assert span.weight == len(texts[field]) - len(rest)


@given(TEXTS, st.data())
def test_what_is_left_out_is_gone_and_nothing_else(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(len(text) - 1, 0)))
    end = data.draw(st.integers(min(start + 1, len(text)), len(text)))
    rest = without(text, [(start, end)])
    kept = text[:start] + text[end:]
    assert "".join(rest.split()) == "".join(kept.split())
    assert len(rest) <= len(kept) + 1
