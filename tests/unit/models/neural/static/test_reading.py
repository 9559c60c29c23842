from __future__ import annotations

from typing import Any

import pytest

from newsdesk.models.neural.static import StaticParams
from newsdesk.models.neural.static.reading import Reader
from newsdesk.types import Documents, Silent, string_array

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


def documents(*rows: tuple[str, str]) -> Documents:
    titles, texts = zip(*rows, strict=True)
    fields = {"title": string_array(titles), "text": string_array(texts)}
    return Documents(string_array([str(i) for i in range(len(rows))]), fields)


TITLED = documents(("bank rates", "cup final"), ("bank rates", "rates fall"), ("cup", "bank"))


def learn_titled(**settings: Any) -> tuple[Reader, Documents]:
    params = StaticParams(**{"min_count": 1, "pair_min_count": 2, **settings})
    return Reader.learn(TITLED, params, Silent())[0], TITLED


def test_words_and_pairs_of_a_headline_are_read_twice() -> None:
    reader, given = learn_titled()
    names = [*reader.vocab.words, "bank rates"]
    assert [names[i] for i in reader.apart.ids] == ["bank", "rates", "bank rates"]
    names += ["HEAD bank", "HEAD rates", "HEAD bank rates"]
    sight = reader.read(given)
    rows = [
        [names[i] for i in sight.sequences.ids[first:last]]
        for first, last in zip(sight.sequences.indptr, sight.sequences.indptr[1:], strict=False)
    ]
    head = ["HEAD bank", "HEAD rates", "HEAD bank rates"]
    assert rows[0] == ["bank", "rates", "cup", "final", "bank rates", *head]
    assert rows[2] == ["cup", "bank"]


def test_headlines_are_not_read_apart_unless_there_is_more() -> None:
    assert not len(learn_titled(fields="together")[0].apart)
    assert not len(learn(pair_min_count=2).apart)


def test_what_is_read_is_found_in_the_document() -> None:
    reader, given = learn_titled()
    first = given.slice(0, 1)
    located = reader.located(first)
    assert located.ids.tolist() == reader.read(first).sequences.ids.tolist()
    assert located.word.tolist() == [0, 1, 2, 3, 0, 0, 1, 0]
    assert located.last.tolist() == [0, 1, 2, 3, 1, 0, 1, 1]


def test_the_last_words_are_found_where_the_first_are_cut_off() -> None:
    reader, given = learn_titled(max_tokens=2, truncate="pre")
    located = reader.located(given.slice(0, 1))
    # A headline is cut on its own: none of this one is left in the whole text.
    assert located.word.tolist() == [2, 3, 0, 1]
