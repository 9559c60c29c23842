from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import ConfigError
from newsdesk.features.stop_words import StopWords, languages, stop_words
from newsdesk.features.tokens import normal_form, tokenise
from newsdesk.types import Documents, numbered, string_array


def left(entries: list[str], *fields: str) -> list[str]:
    """Tokens of a document that belong to no phrase of the list."""
    columns = {f"field{at}": string_array([text]) for at, text in enumerate(fields)}
    (tokens,) = tokenise(Documents(numbered(1), columns))
    inside = set(StopWords.of(entries).in_phrases(tokens).tolist())
    codes = tokens.codes.tolist()
    places = zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)
    return ["".join(map(chr, codes[a:b])) for at, (a, b) in enumerate(places) if at not in inside]


@pytest.mark.parametrize("language", languages())
def test_bundled_lists_are_written_in_normal_form(language: str) -> None:
    words = stop_words(language)
    assert 150 <= len(words) <= 300
    assert all(word and normal_form(word) == word == word.strip() for word in words)


@pytest.mark.parametrize(
    ("language", "word"),
    [("en", "the"), ("de", "und"), ("fr", "été"), ("es", "más"), ("it", "perché"), ("pt", "não")],
)
def test_function_words_are_listed_and_the_words_of_the_news_are_not(
    language: str, word: str
) -> None:
    assert word in stop_words(language)
    assert not stop_words(language) & {"us", "government", "bank", "police", "goal", "stati"}


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'xx'\. Known: de, en, es, fr, it, nl, pt\."):
        stop_words("xx")


def test_words_of_one_token_are_hashed_as_they_stand_in_texts() -> None:
    (tokens,) = tokenise(Documents.from_texts(["STRASSE, the über"]))
    words = StopWords.of(["The", "u\u0308ber", "Straße", "the"]).words
    assert sorted(words.tolist()) == sorted(tokens.hashes.tolist())


@pytest.mark.parametrize("apostrophe", ["'", "’", " "])
def test_a_phrase_is_left_out_as_a_whole_alone(apostrophe: str) -> None:
    listed = ["won't", "they're", "all rights reserved"]
    assert left(listed, f"Won{apostrophe}t") == []
    assert left(listed, f"they{apostrophe}re out and won it") == ["out", "and", "won", "it"]
    assert left(listed, "All rights reserved; all rights, reserved") == [
        "all",
        "rights",
        "reserved",
    ]
    assert left(listed, "won tea", "swon t", "reserved") == ["won", "tea", "swon", "reserved"]


def test_a_phrase_does_not_reach_over_the_end_of_a_field() -> None:
    assert left(["new york"], "something new", "york", "new york") == ["something", "new", "york"]
    assert left(["all rights reserved"], "rights reserved") == ["rights", "reserved"]


def test_phrases_may_overlap() -> None:
    assert left(["new york", "york times", "new york city"], "new york times new york city") == []


def test_phrases_of_scripts_without_spaces() -> None:
    assert left(["今天"], "x 今天 y今天") == ["今", "天"]


def test_what_holds_no_token_is_passed_over() -> None:
    nothing = StopWords.of(["a", "'", "", " I ", "l'"])
    assert not len(nothing.words)
    assert not len(nothing.hashes)
    (tokens,) = tokenise(Documents.from_texts(["a b c"]))
    assert nothing.in_phrases(tokens).dtype == np.int64


def test_marks_around_a_word_do_not_make_a_phrase() -> None:
    quoted = StopWords.of(["«the»", "the"])
    assert len(quoted.words) == 1
    assert not len(quoted.hashes)
