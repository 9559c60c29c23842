from __future__ import annotations

import threading

import numpy as np
import pytest

from newsdesk.features.tokens import Tokens, inverse_powers, mix, normal_form, tokenise
from newsdesk.types import Documents, numbered, string_array


def strings(tokens: Tokens) -> list[str]:
    places = zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)
    return ["".join(map(chr, tokens.codes[start:end].tolist())) for start, end in places]


def words(text: str) -> list[str]:
    (tokens,) = tokenise(Documents.from_texts([text]))
    return strings(tokens)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rates rise, again!", ["rates", "rise", "again"]),
        ("a plan b", ["plan"]),
        ("it's the U.S.", ["it", "the"]),
        ("snake_case 2nd 1e5", ["snake_case", "2nd", "1e5"]),
        ("", []),
        (" .,-\x00 ", []),
        ("STRASSE straße ſtraße", ["strasse", "strasse", "strasse"]),
        ("Cafe\u0301 caf\u00e9", ["café", "café"]),
        ("İstanbul", ["i\u0307stanbul"]),
        ("東京 tower", ["東", "京", "tower"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("गया", ["गया"]),
        ("rates👍🏽up", ["rates", "👍", "up"]),
        ("one\u200etwo", ["one", "two"]),
        ("\u0301abc", ["abc"]),
        ("q\u0307\u0323", ["q\u0323\u0307"]),
    ],
)
def test_words_of(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_plain_and_other_documents_are_two_groups_that_hold_each_document_once() -> None:
    documents = Documents.from_texts(["plain one", "ünicode", "", "plain two", "大"])
    groups = tokenise(documents)
    assert [group.segments.rows.tolist() for group in groups] == [[0, 2, 3], [1, 4]]
    assert [strings(group) for group in groups] == [
        ["plain", "one", "plain", "two"],
        ["ünicode", "大"],
    ]
    assert [group.document.tolist() for group in groups] == [[0, 0, 3, 3], [1, 4]]


@pytest.mark.parametrize("extra", ["", " é"])
def test_every_token_knows_its_document_and_field(extra: str) -> None:
    documents = Documents(
        ids=numbered(2),
        fields={
            "headline": string_array(["first" + extra, "" + extra]),
            "description": string_array(["second third", "fourth"]),
        },
    )
    (tokens,) = tokenise(documents)
    assert tokens.segments.n_fields == 2
    assert strings(tokens) == ["first", "second", "third", "fourth"]
    assert tokens.document.tolist() == [0, 0, 0, 1]
    assert tokens.field.tolist() == [0, 1, 1, 1]
    assert len(tokens.segments.bounds) == 5
    segment = 2 * tokens.document + tokens.field
    assert (tokens.segments.bounds[segment] <= tokens.start).all()
    assert (tokens.end < tokens.segments.bounds[segment + 1]).all()
    document, field = tokens.segments.place(tokens.start)
    assert document.tolist() == tokens.document.tolist()
    assert field.tolist() == tokens.field.tolist()
    assert tokens.codes[0] == 0x20
    assert (tokens.codes[tokens.segments.bounds[1:] - 1] == 0x20).all()


def test_a_view_of_documents_is_read_from_its_own_start() -> None:
    documents = Documents.from_texts(["skipped one", "kept two", "ünï", "skipped three"])
    view = documents.slice(1, 3)
    assert [strings(group) for group in tokenise(view)] == [["kept", "two"], ["ünï"]]


def test_no_documents_have_no_tokens() -> None:
    for documents in (Documents.from_texts([]), Documents.from_texts(["", ""])):
        (tokens,) = tokenise(documents)
        assert strings(tokens) == []
        assert len(tokens.segments.rows) == len(documents)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ABC", "abc"), ("ẞ", "ss"), ("Å", "å"), ("ﬁn", "fin"), ("\u1100\u1161", "가")],
)
def test_normal_form_of(text: str, expected: str) -> None:
    assert normal_form(text) == expected


def test_mixing_is_a_bijection_that_spreads_small_keys() -> None:
    keys = np.arange(1 << 14, dtype=np.uint64)
    mixed = mix(keys.copy())
    assert len(np.unique(mixed)) == len(keys)
    top = np.bincount((mixed >> np.uint64(58)).astype(np.int64), minlength=64)
    assert top.min() > 0.7 * len(keys) / 64


def test_powers_invert_each_other_however_many_threads_ask() -> None:
    found: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(inverse_powers(n)[:n]))
        for n in (10, 5000, 100, 20000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    longest = max(found, key=len)
    assert all(np.array_equal(part, longest[: len(part)]) for part in found)
    assert sorted(len(part) for part in found) == [10, 100, 5000, 20000]


def test_marks_beyond_the_thirtieth_are_left_out() -> None:
    whole, more = "e" + "\u0316" * 30, "\u0316" * 9
    assert normal_form(f"{whole}{more} {whole}") == f"{whole} {whole}"
