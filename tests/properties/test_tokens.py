"""The vectorised tokeniser and n-grams against plain ones that go character by character."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.features.ngrams import NgramHasher
from newsdesk.features.scripts import MARK, SEPARATOR, SINGLE, WORD, character_classes
from newsdesk.features.tokens import normal_form, tokenise
from newsdesk.types import Documents, numbered, string_array

ODD = (
    "aB9_ .,-\x00\n\u3000ßſİıΣςée\u0301\u0308\u0345\u0323ǰᾳÅﬁ"
    "新大ひらカ한\u1100\u1161\u11a8गयाि\u094dहिन्दीไทย\u0e31\u200b\u200c\u200d\u200e\u202e\u2066"
    "👩👍🏽🏳\ufe0f\U000e0067𝕓\ufffe\U0010ffff"
)
UNICODE = st.text(st.characters(codec="utf-8"), max_size=30)
TEXTS = st.one_of(
    st.text("abcXYZ019_ .,-'\x00\n", max_size=40),
    st.text(ODD, max_size=30),
    UNICODE,
    st.lists(st.sampled_from(["bank", "Rates", "é", "大", "a", "\u0301", "👍"]), max_size=9).map(
        " ".join
    ),
)


@st.composite
def documents(draw: st.DrawFn) -> list[list[str]]:
    """Up to six documents of one to three fields."""
    n_fields = draw(st.integers(1, 3))
    row = st.lists(TEXTS, min_size=n_fields, max_size=n_fields)
    return draw(st.lists(row, min_size=1, max_size=6))


def arrow(rows: list[list[str]]) -> Documents:
    columns = zip(*rows, strict=True)
    fields = {f"field{i}": string_array(column) for i, column in enumerate(columns)}
    return Documents(numbered(len(rows)), fields)


def pieces(text: str) -> list[tuple[str, bool]]:
    """Cut a text into runs, each with whether it is a token: marks belong to what they follow."""
    classes = character_classes()
    runs: list[tuple[str, int]] = []
    previous = SEPARATOR
    for char in normal_form(text):
        own = int(classes[ord(char)])
        kind = previous if own == MARK else own
        if runs and (own == MARK or (kind == previous != SINGLE)):
            runs[-1] = (runs[-1][0] + char, kind)
        else:
            runs.append((char, kind))
        previous = kind
    tokens = [(run, kind == SINGLE or (kind == WORD and len(run) > 1)) for run, kind in runs]
    return [
        (run if kind != SEPARATOR else " " * len(run), token)
        for (run, token), (_, kind) in zip(tokens, runs, strict=True)
    ]


def words(text: str) -> list[str]:
    return [run for run, token in pieces(text) if token]


def clean(text: str) -> str:
    return " " + "".join(run for run, _ in pieces(text)) + " "


@given(documents())
@settings(max_examples=300)
def test_tokens_are_those_of_a_plain_reading(rows: list[list[str]]) -> None:
    found: dict[tuple[int, int], list[str]] = {
        (row, field): [] for row in range(len(rows)) for field in range(len(rows[0]))
    }
    hashes: dict[str, set[int]] = {}
    for tokens in tokenise(arrow(rows)):
        text = "".join(map(chr, tokens.codes.tolist()))
        places = (tokens.document, tokens.field, tokens.start, tokens.end, tokens.hashes)
        for document, field, start, end, key in zip(*(x.tolist() for x in places), strict=True):
            found[document, field].append(text[start:end])
            hashes.setdefault(text[start:end], set()).add(key)
    expected = {
        (row, field): words(text)
        for row, texts in enumerate(rows)
        for field, text in enumerate(texts)
    }
    assert found == expected
    # A word has one hash wherever it stands and whatever stands beside it; no other has the same.
    assert all(len(keys) == 1 for keys in hashes.values())
    assert len({key for keys in hashes.values() for key in keys}) == len(hashes)


@given(TEXTS, TEXTS)
def test_a_word_has_the_same_slot_whatever_stands_beside_it(first: str, second: str) -> None:
    hasher = NgramHasher((1, 1), bits=24)
    for marker in ("", " é", " 大"):
        beside = Documents.from_texts([f"{second}\n{first}{marker}"])
        alone = Documents.from_texts([f"\n{first}"])
        assert set(hasher.count(alone).slots) <= set(hasher.count(beside).slots)


def expected_ngrams(texts: list[str], hasher: NgramHasher) -> Counter[tuple[int, str]]:
    """N-grams of one document as ``(block, text)``, words joined by a line feed."""
    fields = [words(text) for text in texts]
    scopes = [[word for own in fields for word in own], *fields[: hasher.n_apart]]
    ngrams: Counter[tuple[int, str]] = Counter()
    for block, own in enumerate(scopes):
        for n in range(hasher.word_ngrams[0], hasher.word_ngrams[1] + 1):
            ngrams.update((block, "\n".join(own[i : i + n])) for i in range(len(own) - n + 1))
    if hasher.char_ngrams is not None:
        cleaned = [clean(text) for text in texts]
        blocks = [cleaned, *([text] for text in cleaned[: hasher.n_apart])]
        for block, own in enumerate(blocks, start=1 + hasher.n_apart):
            for text in own:
                for n in range(hasher.char_ngrams[0], hasher.char_ngrams[1] + 1):
                    windows = (text[i : i + n] for i in range(len(text) - n + 1))
                    ngrams.update((block, one) for one in windows if " " not in one[1:-1])
    return ngrams


@given(documents(), st.sampled_from([None, (3, 3), (3, 5)]), st.integers(1, 3), st.booleans())
@settings(max_examples=200)
def test_ngrams_are_those_of_a_plain_reading(
    rows: list[list[str]], char_ngrams: tuple[int, int] | None, longest: int, apart: bool
) -> None:
    n_apart = len(rows[0]) if apart else 0
    hasher = NgramHasher((1, longest), char_ngrams, n_apart=n_apart, bits=24)
    found: list[Counter[tuple[int, str]]] = [Counter() for _ in rows]
    n_slots: list[Counter[int]] = [Counter() for _ in rows]
    for tokens in tokenise(arrow(rows)):
        text = "".join(map(chr, tokens.codes.tolist()))
        spans = list(zip(tokens.start.tolist(), tokens.end.tolist(), strict=True))
        for part in hasher.occurrences(tokens):
            slots = hasher.slots(part).tolist()
            places = zip(
                part.document.tolist(), slots, part.start.tolist(), part.end.tolist(), strict=True
            )
            for row, slot, start, end in places:
                ngram = text[start:end]
                if part.block <= n_apart:
                    ngram = "\n".join(text[a:b] for a, b in spans if start <= a and b <= end)
                found[row][part.block, ngram] += 1
                n_slots[row][slot] += 1
    assert found == [expected_ngrams(texts, hasher) for texts in rows]
    counts = hasher.count(arrow(rows))
    for row, (first, last) in enumerate(pairwise(counts.indptr.tolist())):
        own = zip(
            counts.slots[first:last].tolist(), counts.counts[first:last].tolist(), strict=True
        )
        assert dict(own) == n_slots[row]


@given(documents())
def test_counts_of_a_document_do_not_depend_on_its_company(rows: list[list[str]]) -> None:
    hasher = NgramHasher((1, 2), (3, 4), n_apart=1 if len(rows[0]) > 1 else 0, bits=20)
    together = hasher.count(arrow(rows))
    for row, texts in enumerate(rows):
        alone = hasher.count(arrow([texts]))
        own = slice(together.indptr[row], together.indptr[row + 1])
        assert np.array_equal(alone.slots, together.slots[own])
        assert np.array_equal(alone.counts, together.counts[own])
