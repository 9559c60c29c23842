from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import MissingExtraError
from newsdesk.features import lemmas
from newsdesk.models.tfidf import LogregParams
from newsdesk.models.tfidf.reading import Reader, TokenIds
from newsdesk.types import Documents, Silent, numbered, string_array

LEMMAS = Reader(LogregParams())
WORDS = Reader(LogregParams(tokens="words"))
HEADLINES = ["Keepers saved it", "", "Straße in 大阪 — cafe\u0301", "the 3"]
DESCRIPTIONS = ["“Goals” won't come", "Rates\u00a0rise", "", "İstanbul ﬁnal"]
BOTH = Documents(
    numbered(4),
    {"headline": string_array(HEADLINES), "description": string_array(DESCRIPTIONS)},
)


def test_words_of_all_fields_stand_in_a_row() -> None:
    assert LEMMAS.words(BOTH) == [
        ["keeper", "save", "goal", "wo", "come"],
        ["ratesrise"],
        ["strae", "cafe"],
        ["istanbul", "nal"],
    ]
    assert WORDS.words(BOTH)[2] == ["strasse", "in", "大", "阪", "café"]


@pytest.mark.parametrize("reader", [LEMMAS, WORDS])
def test_places_tell_the_same_words_in_their_field(reader: Reader) -> None:
    words = reader.words(BOTH)
    for position in range(len(BOTH)):
        document = BOTH.slice(position, position + 1)
        places = reader.places(document)
        assert [place.word for place in places] == words[position]
        for _, field, start, end in places:
            text = document.fields[field][0].as_py()
            assert 0 <= start < end <= len(text)
    (keeper, *_, come) = reader.places(BOTH.slice(0, 1))
    assert (keeper.field, HEADLINES[0][keeper.start : keeper.end]) == ("headline", "Keepers")
    assert (come.field, DESCRIPTIONS[0][come.start : come.end]) == ("description", "come")


@pytest.mark.parametrize("reader", [LEMMAS, WORDS])
def test_what_is_learnt_is_what_is_looked_up(reader: Reader) -> None:
    tokens, words = reader.learn(BOTH, Silent())
    assert tokens.n == 4
    assert len(set(words)) == len(words)
    numbers = {word: number for number, word in enumerate(words)}
    found = reader.look_up(BOTH, numbers)
    assert np.array_equal(found.ids, tokens.ids)
    assert np.array_equal(found.indptr, tokens.indptr)
    assert [[words[i] for i in tokens.slice(d, d + 1).ids] for d in range(4)] == reader.words(BOTH)


def test_unknown_words_have_no_number() -> None:
    found = LEMMAS.look_up(Documents.from_texts(["goals unheard"]), {"goal": 7})
    assert found.ids.tolist() == [7, -1]


def test_no_documents_have_no_words() -> None:
    nothing = Documents.from_texts([])
    for reader in (LEMMAS, WORDS):
        tokens, words = reader.learn(nothing, Silent())
        assert (tokens.n, len(tokens.ids), words) == (0, 0, [])


def test_tokens_of_documents_in_any_order() -> None:
    tokens = TokenIds(np.array([0, 2, 2, 5]), np.array([1, 2, 3, 4, 5], dtype=np.int32))
    taken = tokens.take(np.array([2, 1, 0, 2]))
    assert taken.indptr.tolist() == [0, 3, 3, 5, 8]
    assert taken.ids.tolist() == [3, 4, 5, 1, 2, 3, 4, 5]
    assert taken.document.tolist() == [0, 0, 0, 2, 2, 3, 3, 3]
    both = tokens.slice(2, 3).extended(tokens.slice(0, 2))
    assert (both.indptr.tolist(), both.ids.tolist()) == ([0, 3, 5, 5], [3, 4, 5, 1, 2])


def test_without_spacy_both_ways_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_args: object, **_options: object) -> None:
        raise MissingExtraError(
            "spacy is not installed.", remedy='Install it with: pip install "newsdesk[lemmas]".'
        )

    monkeypatch.setattr(lemmas, "lemmatiser", missing)
    with pytest.raises(MissingExtraError) as caught:
        LEMMAS.words(BOTH)
    assert "newsdesk[lemmas]" in caught.value.remedy
    assert "tokens=words" in caught.value.remedy
    assert LEMMAS.words(Documents.from_texts([])) == []
    assert WORDS.words(BOTH)
