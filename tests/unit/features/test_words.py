from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features.words import NUMBER, UNSPACED, read_words
from newsdesk.types import Documents, numbered, string_array


def read(*texts: str) -> list[list[int]]:
    words = read_words(Documents.from_texts(texts))
    return [part.tolist() for part in np.split(words.items, words.indptr[1:-1])]


def n_numbers(items: list[int]) -> int:
    return sum(bool(item & int(NUMBER)) for item in items)


def test_words_stand_in_reading_order_whatever_their_case() -> None:
    first, second = read("Rates RISE again", "again Rates rise")
    assert [first[2], first[0], first[1]] == second
    assert len(set(first)) == 3


def test_fields_are_read_one_behind_the_other() -> None:
    fields = {"headline": string_array(["rates rise"]), "text": string_array(["again é"])}
    words = read_words(Documents(numbered(1), fields))
    assert words.items.tolist() == read("rates rise again é")[0]


def test_a_letter_that_stands_alone_is_a_word() -> None:
    first, second = read("plan a", "plan b")
    assert len(first) == len(second) == 2
    assert first[0] == second[0]
    assert first[1] != second[1]


def test_runs_of_digits_are_numbers() -> None:
    date, word, mixed = read("3/12", "two", "covid19")
    assert (len(date), n_numbers(date)) == (2, 2)
    assert (len(word), n_numbers(word)) == (1, 0)
    assert (len(mixed), n_numbers(mixed)) == (2, 1)
    (plain,) = read("19")
    assert mixed[1] == plain[0]


@pytest.mark.parametrize("text", ["٣", "３", "৩"])
def test_digits_of_any_script_are_numbers(text: str) -> None:
    (items,) = read(text)
    assert n_numbers(items) == len(items) == 1


def test_characters_of_scripts_without_spaces_are_words_and_marked() -> None:
    (items,) = read("東京 up 3月")
    marked = [bool(item & int(UNSPACED)) for item in items]
    assert marked == [True, True, False, False, True]
    assert [bool(item & int(NUMBER)) for item in items] == [False, False, False, True, False]


def test_texts_of_all_scripts_keep_their_places() -> None:
    texts = [f"{'é' if row % 3 else 'e'} row{row} up {row}" for row in range(5000)]
    together = read(*texts)
    for row in (0, 1, 2047, 2048, 4999):
        assert together[row] == read(texts[row])[0]


def test_no_documents_and_no_words() -> None:
    assert read_words(Documents.from_texts([])).indptr.tolist() == [0]
    assert read("", " … ") == [[], []]
