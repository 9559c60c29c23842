from __future__ import annotations

import pytest

from newsdesk.errors import DataError
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.importing.vocabulary import choose
from newsdesk.types import Documents

WORDS = ["The", "the", ",", "Paris", "PARIS", "new-york", "Straße", "a", "日", "don't", "of", "<s>"]


def test_only_tokens_are_kept_each_once() -> None:
    chosen = choose(WORDS, name="f")
    assert chosen.words == ("the", "paris", "strasse", "日", "of")
    assert chosen.rows.tolist() == [1, 3, 6, 8, 10]


def test_every_word_that_is_kept_is_found_in_a_text() -> None:
    chosen = choose(WORDS, name="f")
    vocab = Vocab((*SPECIALS, *chosen.words))
    found = vocab.encode(Documents.from_texts(["THE Paris STRASSE 日 Of"])).ids.tolist()
    assert found == [2, 3, 4, 5, 6]


def test_what_is_left_out_is_counted() -> None:
    never, again, beyond = choose(WORDS, limit=2, name="f").notes
    assert never.startswith("5 words left out: no token")
    assert again.startswith("2 words left out: the same")
    assert beyond == "3 words left out: behind the first 2"
    assert choose(["the", "of"], limit=2, name="f").notes == ()


def test_words_with_a_part_of_their_own_are_neither_kept_nor_counted() -> None:
    chosen = choose(["the", "xxbos", "of", ","], without={1, 3}, name="f")
    assert chosen.words == ("the", "of")
    assert chosen.notes == ()


@pytest.mark.parametrize("words", [[], [",", "."]])
def test_a_vocabulary_without_any_word_is_refused(words: list[str]) -> None:
    with pytest.raises(DataError, match="f holds no word that could be found"):
        choose(words, name="f")
