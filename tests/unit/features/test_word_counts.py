from __future__ import annotations

import pytest

from newsdesk.features.stop_words import StopWords
from newsdesk.features.word_counts import WordCounts, each_chunk, hashes_of, read_tokens
from newsdesk.types import Documents, numbered, string_array

NONE = StopWords.of([])


def counted(texts: list[str], *stops: str) -> WordCounts:
    return WordCounts(Documents.from_texts(texts), StopWords.of(stops))


def test_tokens_stand_in_reading_order_whatever_the_script() -> None:
    fields = {
        "headline": string_array(["rates rise", "élan", "cup"]),
        "text": string_array(["again", "rates", "été final"]),
    }
    document, hashes = read_tokens(Documents(numbered(3), fields), NONE)
    assert document.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    words = ["rates", "rise", "again", "élan", "rates", "cup", "été", "final"]
    assert hashes.tolist() == hashes_of(words)[1].tolist()


def test_only_words_that_are_one_token_have_a_hash() -> None:
    words = ["rates", "don't", "a", "", " cup", "cup ", "東", "東京", "été", "<pad>", "Cup"]
    positions, hashes = hashes_of(words)
    assert [words[at] for at in positions.tolist()] == ["rates", "東", "été", "Cup"]
    assert len(hashes) == 4
    assert [len(part) for part in hashes_of([])] == [0, 0]


def test_chunks_come_in_the_order_of_the_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "3")
    documents = Documents.from_texts(str(number) for number in range(5000))
    found = [
        ident for part in each_chunk(documents, lambda own: own.ids.to_pylist()) for ident in part
    ]
    assert found == documents.ids.to_pylist()


def test_frequent_words_come_first_and_equal_ones_by_code_point() -> None:
    counts = counted(["zebra été zoo", "zebra apple", "zoo 東"])
    assert counts.most_frequent(9, min_count=1) == ["zebra", "zoo", "apple", "été", "東"]
    assert counts.most_frequent(3, min_count=1) == ["zebra", "zoo", "apple"]
    assert counts.most_frequent(9, min_count=2) == ["zebra", "zoo"]
    assert counts.most_frequent(0, min_count=1) == []


def test_stop_words_and_phrases_are_not_counted() -> None:
    counts = counted(["the cup was won", "the cup won't go"], "the", "won't")
    assert counts.most_frequent(9, min_count=1) == ["cup", "go", "was", "won"]
    assert counts.most_frequent(9, min_count=0) == ["cup", "go", "was", "won"]


def test_words_are_spelt_from_whichever_chunk_holds_them() -> None:
    texts = [f"row{number} {'é' if number % 2 else 'e'}same" for number in range(5000)]
    words = counted(texts).most_frequent(6000, min_count=1)
    assert words[:2] == ["esame", "ésame"]
    assert set(words[2:]) == {f"row{number}" for number in range(5000)}


def test_a_token_that_is_none_when_it_stands_alone_is_left_out() -> None:
    # The first character is taken apart, and so has one mark more when it is read again.
    odd = "\u0958" + "\u0301" * 30
    assert counted([f"{odd} cup"]).most_frequent(9, min_count=1) == ["cup"]


def test_no_documents_hold_no_words() -> None:
    assert counted([]).most_frequent(9, min_count=1) == []
    assert counted(["", "…"]).most_frequent(9, min_count=1) == []
