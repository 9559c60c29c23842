from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from newsdesk.features.ngrams import Counts, NgramHasher
from newsdesk.features.tokens import tokenise
from newsdesk.types import Documents, numbered, string_array


def two_fields(*pairs: tuple[str, str]) -> Documents:
    headlines, descriptions = zip(*pairs, strict=True)
    return Documents(
        numbered(len(pairs)),
        {"headline": string_array(headlines), "description": string_array(descriptions)},
    )


def found(hasher: NgramHasher, documents: Documents) -> list[Counter[tuple[int, str]]]:
    """N-grams of each document as ``(block, text)``."""
    counters: list[Counter[tuple[int, str]]] = [Counter() for _ in range(len(documents))]
    for tokens in tokenise(documents):
        text = "".join(map(chr, tokens.codes.tolist()))
        for part in hasher.occurrences(tokens):
            assert set((hasher.slots(part) >> hasher.bits).tolist()) <= {part.block}
            places = zip(
                part.document.tolist(), part.start.tolist(), part.end.tolist(), strict=True
            )
            for document, start, end in places:
                counters[document][part.block, text[start:end]] += 1
    return counters


def same(first: Counts, second: Counts) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_word_ngrams_of_the_whole_document_reach_from_field_to_field() -> None:
    (ngrams,) = found(NgramHasher(), two_fields(("rates rise", "again today")))
    words = ["rates", "rise", "again", "today"]
    pairs = ["rates rise", "rise again", "again today"]
    assert ngrams == Counter((0, ngram) for ngram in words + pairs)


def test_word_ngrams_of_fields_hashed_apart_stay_in_their_field() -> None:
    hasher = NgramHasher(n_apart=2)
    (ngrams,) = found(hasher, two_fields(("rates rise", "again today")))
    assert {ngram for block, ngram in ngrams if block == 1} == {"rates", "rise", "rates rise"}
    assert {ngram for block, ngram in ngrams if block == 2} == {"again", "today", "again today"}
    assert hasher.n_blocks == 3


@pytest.mark.parametrize("marker", ["", " é"])
def test_no_ngram_reaches_from_document_to_document(marker: str) -> None:
    documents = Documents.from_texts(["one two" + marker, "three four" + marker, "", "five"])
    ngrams = found(NgramHasher(word_ngrams=(1, 3), char_ngrams=(3, 5)), documents)
    assert not [ngram for counter in ngrams for _, ngram in counter if "two three" in ngram]
    assert (0, "three four") in ngrams[1]
    assert not ngrams[2]
    assert {(0, "five"), (1, " five"), (1, "five ")} <= set(ngrams[3])


def test_character_ngrams_stay_inside_words_and_see_their_borders() -> None:
    (ngrams,) = found(NgramHasher((1, 1), (3, 4)), Documents.from_texts(["Rise up"]))
    threes = {" ri", "ris", "ise", "se ", " up", "up "}
    fours = {" ris", "rise", "ise ", " up "}
    assert {ngram for block, ngram in ngrams if block == 1} == threes | fours


def test_the_first_word_of_a_chunk_has_character_ngrams_of_its_own_document() -> None:
    documents = Documents.from_texts(["up", "up"])
    ngrams = found(NgramHasher((1, 1), (3, 3)), documents)
    assert ngrams[0] == ngrams[1] == Counter({(0, "up"): 1, (1, " up"): 1, (1, "up "): 1})


def test_character_ngrams_of_fields_apart_have_blocks_behind_the_words() -> None:
    hasher = NgramHasher((1, 1), (3, 3), n_apart=1)
    (ngrams,) = found(hasher, two_fields(("up", "on")))
    assert hasher.n_blocks == 4
    assert {ngram for block, ngram in ngrams if block == 2} == {" up", "up ", " on", "on "}
    assert {ngram for block, ngram in ngrams if block == 3} == {" up", "up "}


def test_scripts_without_spaces_have_ngrams_across_their_characters() -> None:
    (ngrams,) = found(NgramHasher((1, 2), (3, 3)), Documents.from_texts(["東京都"]))
    assert {(0, "東京"), (1, "東京都"), (1, " 東京")} <= set(ngrams)


def test_a_repeated_ngram_is_counted() -> None:
    counts = NgramHasher((1, 1)).count(Documents.from_texts(["up up up", "up down"]))
    assert counts.counts[: counts.indptr[1]].tolist() == [3]
    assert counts.counts[counts.indptr[1] :].tolist() == [1, 1]
    assert counts.slots[0] in counts.slots[1:]


def test_a_count_saturates_instead_of_overflowing() -> None:
    counts = NgramHasher((1, 1)).count(Documents.from_texts(["up " * 70_000]))
    assert counts.counts.tolist() == [65_535]


def test_slots_ascend_within_a_document_and_stay_in_their_block() -> None:
    hasher = NgramHasher((1, 2), (3, 4), n_apart=2, bits=10)
    counts = hasher.count(two_fields(("Rates rise é", "again"), ("", "Ω new")))
    for row in range(counts.n):
        slots = counts.slots[counts.indptr[row] : counts.indptr[row + 1]]
        assert (np.diff(slots) > 0).all()
    assert counts.slots.min() >= 0
    assert counts.slots.max() < hasher.n_blocks << 10


def test_equal_words_of_different_orders_and_blocks_have_slots_of_their_own() -> None:
    hasher = NgramHasher((1, 2), n_apart=1, bits=24)
    counts = hasher.count(two_fields(("up", "up")))
    slots = counts.slots.tolist()
    assert len(set(slots)) == 3
    assert [slot >> 24 for slot in slots] == [0, 0, 1]


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_counting_all_is_counting_each(n_threads: int) -> None:
    texts = [f"word{i % 97} word{i % 31} {'é' if i % 5 == 0 else ''} up" for i in range(4500)]
    documents = Documents.from_texts(texts)
    hasher = NgramHasher((1, 2), (4, 4), bits=16)
    together = hasher.count_all(documents, n_threads=n_threads)
    assert together.n == 4500
    for row in (0, 5, 2047, 2048, 4499):
        alone = hasher.count(documents.slice(row, row + 1))
        own = slice(together.indptr[row], together.indptr[row + 1])
        assert np.array_equal(together.slots[own], alone.slots)
        assert np.array_equal(together.counts[own], alone.counts)


def test_no_documents_have_no_counts() -> None:
    hasher = NgramHasher(char_ngrams=(3, 5))
    empty = hasher.count_all(Documents.from_texts([]), n_threads=2)
    assert empty.n == 0
    assert len(empty.slots) == 0
    blank = hasher.count_all(Documents.from_texts(["", "."]), n_threads=2)
    assert blank.indptr.tolist() == [0, 0, 0]
    assert same(blank, hasher.count(Documents.from_texts(["", "."])))


def test_counts_of_some_documents_are_theirs_in_the_order_asked() -> None:
    hasher = NgramHasher(bits=12)
    texts = ["rates rise again rates", "", "keeper saves", "one two three four", "rates"]
    rows = np.array([3, 0, 1, 0, 4])
    taken = hasher.count(Documents.from_texts(texts)).take(rows)
    assert same(taken, hasher.count(Documents.from_texts([texts[row] for row in rows])))


@pytest.mark.parametrize("rows", [[], [1]])
def test_counts_of_no_documents_and_of_empty_ones_are_taken(rows: list[int]) -> None:
    counts = NgramHasher(bits=12).count(Documents.from_texts(["rates rise", ""]))
    taken = counts.take(np.array(rows, dtype=np.int64))
    assert same(taken, Counts.nothing(len(rows)))
