"""Vocabularies and sequences against plain ones made of Python's lists and dictionaries."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Literal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.features.sequences import OOV, PAD, Sequences
from newsdesk.features.tokens import tokenise
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.types import Documents

ODD = (
    "aB9_ .,-'’\x00\n\u3000ßſİıΣςée\u0301\u0308\u0345\u0323ǰᾳÅﬁ"
    "新大ひらカ한\u1100\u1161\u11a8गयाि\u094d\u0958ไทย\u0e31\u200b\u200d\u202e👩👍🏽𝕓\U0010ffff"
)
WORDS = st.sampled_from(
    ["bank", "Rates", "don't", "won", "won't", "café", "大", "a", "👍", "Straße"]
)
TEXTS = st.one_of(
    st.text(ODD, max_size=30),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.lists(WORDS, max_size=12).map(" ".join),
)
LISTS = st.lists(st.one_of(WORDS, st.text(ODD, max_size=6)), max_size=4)
RAGGED = st.lists(st.lists(st.integers(1, 9), max_size=6), max_size=6)


def words_of(text: str) -> list[str]:
    (tokens,) = tokenise(Documents.from_texts([text]))
    codes = tokens.codes.tolist()
    places = zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)
    return ["".join(map(chr, codes[a:b])) for a, b in places]


def ragged(rows: list[list[int]]) -> Sequences:
    indptr = np.cumsum([0, *map(len, rows)])
    return Sequences(indptr, np.array([number for row in rows for number in row], dtype=np.int32))


def rows_of(sequences: Sequences) -> list[list[int]]:
    bounds = sequences.indptr.tolist()
    return [sequences.ids[a:b].tolist() for a, b in pairwise(bounds)]


@given(st.lists(TEXTS, max_size=5), st.integers(2, 12), st.integers(1, 3))
@settings(max_examples=200)
def test_words_and_numbers_are_those_of_a_plain_count(
    texts: list[str], size: int, min_count: int
) -> None:
    vocab, sequences = Vocab.learn(Documents.from_texts(texts), size=size, min_count=min_count)
    rows = [words_of(text) for text in texts]
    counts = Counter(word for row in rows for word in row)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    frequent = [word for word in ranked if counts[word] >= min_count][: size - 2]
    assert vocab.words == (*SPECIALS, *frequent)
    numbers = {word: number for number, word in enumerate(vocab.words)}
    assert rows_of(sequences) == [[numbers.get(word, OOV) for word in row] for row in rows]


@given(st.lists(TEXTS, max_size=5), st.integers(2, 12), st.integers(1, 9))
def test_buckets_take_the_unknown_words_and_no_others(
    texts: list[str], size: int, n_buckets: int
) -> None:
    documents = Documents.from_texts(texts)
    plain, expected = Vocab.learn(documents, size=size)
    vocab, sequences = Vocab.learn(documents, size=size, n_buckets=n_buckets)
    assert vocab.words == plain.words
    assert rows_of(vocab.without_buckets(sequences)) == rows_of(expected)
    words = [word for text in texts for word in words_of(text)]
    number_of: dict[str, int] = {}
    for word, number, known in zip(words, sequences.ids, expected.ids, strict=True):
        assert number == known or (known == OOV and len(vocab) <= number < vocab.n_ids)
        assert number_of.setdefault(word, number) == number
    for text in texts:
        document = Documents.from_texts([text])
        ids = [place.id for place in vocab.places(document)]
        assert ids == vocab.encode(document).ids.tolist()


@given(st.lists(TEXTS, max_size=5), LISTS)
@settings(max_examples=200)
def test_every_learnt_word_is_found_and_no_stop_word_is(texts: list[str], stops: list[str]) -> None:
    documents = Documents.from_texts(texts)
    vocab, sequences = Vocab.learn(documents, size=99, stop_words=stops)
    again = vocab.encode(documents)
    assert rows_of(again) == rows_of(sequences)
    assert OOV not in sequences.ids
    if len(vocab) > 2:
        alone = vocab.encode(Documents.from_texts(vocab.words[2:]))
        assert rows_of(alone) == [[number] for number in range(2, len(vocab))]
    listed = vocab.encode(Documents.from_texts([f" {stop} " for stop in stops]))
    assert not len(listed.ids)


@given(TEXTS, TEXTS, LISTS)
def test_a_document_is_read_alike_in_any_company(text: str, other: str, stops: list[str]) -> None:
    vocab, _ = Vocab.learn(Documents.from_texts([text]), size=99, stop_words=stops)
    alone = vocab.encode(Documents.from_texts([text]))
    together = vocab.encode(Documents.from_texts([other, text, "é"]))
    assert rows_of(together)[1] == rows_of(alone)[0]
    places = vocab.places(Documents.from_texts([text]))
    assert [place.id for place in places] == rows_of(alone)[0]
    assert all(0 <= place.start < place.end <= len(text) for place in places)


@given(
    RAGGED, st.integers(1, 7), st.sampled_from(["pre", "post"]), st.sampled_from(["pre", "post"])
)
def test_cutting_and_filling_are_those_of_plain_lists(
    rows: list[list[int]],
    length: int,
    truncating: Literal["pre", "post"],
    padding: Literal["pre", "post"],
) -> None:
    cut = ragged(rows).cut(length, truncating)
    plain = [row[:length] if truncating == "post" else row[-length:] for row in rows]
    assert rows_of(cut) == plain
    blanks = [[PAD] * (length - len(row)) for row in plain]
    filled = [
        row + blank if padding == "post" else blank + row
        for row, blank in zip(plain, blanks, strict=True)
    ]
    assert rows_of(cut.filled(length, padding)) == filled
    assert rows_of(cut.nonempty()) == [row or [OOV] for row in plain]
    order = np.arange(len(rows))[::-1]
    assert rows_of(cut.take(order)) == plain[::-1]
