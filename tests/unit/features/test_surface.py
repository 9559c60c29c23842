from __future__ import annotations

import pytest

from newsdesk.features.sequences import OOV
from newsdesk.features.surface import read_surface, surface_words
from newsdesk.types import Documents, numbered, string_array


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Rates Rise, again.", ["Rates", "Rise", ",", "again", "."]),
        ("doesn't can't it's I'll", ["does", "n't", "ca", "n't", "it", "'s", "I", "'ll"]),
        ("don’t O'Neil", ["do", "n’t", "O'Neil"]),
        ("The U.S. and e.g. B.", ["The", "U.S.", "and", "e.g.", "B", "."]),
        ("$1,000.50, 3/12", ["$", "1,000.50", ",", "3", "/", "12"]),
        ("state-of-the-art -- well... a-", ["state-of-the-art", "--", "well", "...", "a", "-"]),
        ("“Yes”!?", ["“", "Yes", "”", "!", "?"]),
        ("大阪goal", ["大", "阪", "goal"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("caf\u00e9 cafe\u0301", ["caf\u00e9", "caf\u00e9"]),
        ("a\x00b \u202egoal\u202c\ufeff", ["a", "b", "goal"]),
        ("\u0301 ", []),
        ("", []),
    ],
)
def test_words_are_parted_as_they_are_printed(text: str, words: list[str]) -> None:
    assert surface_words(text) == words


def test_documents_are_read_with_one_number_per_spelling() -> None:
    found = read_surface(Documents.from_texts(["goal Goal goal's", "", "Goal !"]))
    assert found.words == ("", "", "goal", "Goal", "'s", "!")
    assert found.sequences.ids.tolist() == [2, 3, 2, 4, 3, 5]
    assert found.sequences.indptr.tolist() == [0, 4, 4, 6]
    assert found.sequences.ids.min() > OOV


def test_fields_are_read_one_behind_the_other() -> None:
    fields = {"title": string_array(["One"]), "body": string_array(["two."])}
    found = read_surface(Documents(numbered(1), fields))
    assert [found.words[i] for i in found.sequences.ids] == ["One", "two", "."]


def test_many_documents_are_read_as_few() -> None:
    texts = [f"word{i % 7} isn't, it?" for i in range(5000)]
    found = read_surface(Documents.from_texts(texts))
    begin, end = found.sequences.indptr[4321:4323]
    own = [found.words[i] for i in found.sequences.ids[begin:end]]
    assert own == surface_words(texts[4321])


def test_a_document_is_blank_where_no_letter_and_no_digit_stands() -> None:
    found = read_surface(Documents.from_texts(["...!?", "", "$ 5", "阪", "a"]))
    assert found.blank.tolist() == [True, True, False, False, False]
