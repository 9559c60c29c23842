from __future__ import annotations

import pytest

from newsdesk.training import words
from newsdesk.training.words import words_alone
from newsdesk.types import Documents, numbered, string_array


def documents() -> Documents:
    headlines = ["Rates rise", "rates, rates fall", "a rise"]
    texts = ["the bank", "the rise", ""]
    columns = {"headline": string_array(headlines), "text": string_array(texts)}
    return Documents(numbered(3), columns)


def test_each_word_stands_alone_in_the_field_where_it_occurs() -> None:
    found = words_alone(documents())
    assert {name: column.to_pylist() for name, column in found.fields.items()} == {
        "headline": ["rates", "rise", ""],
        "text": ["", "", "the"],
    }


def test_the_commonest_words_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_MOST", 1)
    assert words_alone(documents()).texts.to_pylist() == ["rates ", " the"]


def test_words_that_occur_once_are_left_out() -> None:
    assert len(words_alone(Documents.from_texts(["one two three"]))) == 0
