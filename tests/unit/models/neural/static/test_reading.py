from __future__ import annotations

from typing import Any

import pytest

from newsdesk.models.neural.static import StaticParams
from newsdesk.models.neural.static.reading import Reader
from newsdesk.types import Documents, Silent

TEXTS = ["the bank and the rates", "cup final", "cup final"]


def learn(**settings: Any) -> Reader:
    params = StaticParams(**{"min_count": 1, "pair_min_count": 1, **settings})
    return Reader.learn(Documents.from_texts(TEXTS), params, Silent())[0]


def read(reader: Reader, text: str) -> list[str]:
    words = reader.vocab.words
    names = [*words, *(" ".join(words[at] for at in pair) for pair in reader.pairs.words)]
    return [names[i] for i in reader.read(Documents.from_texts([text])).sequences.ids]


def test_words_and_pairs_are_those_of_the_training_documents() -> None:
    reader = learn()
    assert read(reader, "cup final of the bank") == [
        *["cup", "final", "<OOV>", "the", "bank"],
        *["cup final", "the bank"],
    ]
    assert reader.n_entries == 2 + 6 + 5


def test_rare_words_and_pairs_are_unknown() -> None:
    assert read(learn(pair_min_count=2), "the bank: cup final") == [
        *["the", "bank", "cup", "final", "cup final"]
    ]
    assert read(learn(min_count=2), "the bank") == ["the", "<OOV>"]
    assert read(learn(pairs=0), "cup final") == ["cup", "final"]


def test_stop_words_stand_in_no_pair() -> None:
    assert read(learn(stop_words="en"), "the bank and rates") == ["bank", "rates", "bank rates"]


@pytest.mark.parametrize(
    ("truncate", "kept"), [("post", ["the", "bank", "the bank"]), ("pre", ["cup", "final"])]
)
def test_pairs_are_found_in_what_is_left_of_long_documents(truncate: Any, kept: list[str]) -> None:
    reader = learn(max_tokens=2, truncate=truncate)
    assert read(reader, "the bank cup final")[: len(kept)] == kept
    assert len(read(reader, "the bank cup final")) == 3


def test_documents_without_a_known_word_are_blank() -> None:
    sight = learn().read(Documents.from_texts(["", "zzz", "zzz cup"]))
    assert sight.blank.tolist() == [True, True, False]
    assert sight.sequences.lengths.tolist() == [1, 1, 2]


def test_what_is_not_read_is_told() -> None:
    reader, whole = Reader.learn(
        Documents.from_texts(TEXTS), StaticParams(min_count=2, max_tokens=4), Silent()
    )
    assert reader.told(whole).startswith("33.3 % of the words are unknown, 11.1 % are cut off")
