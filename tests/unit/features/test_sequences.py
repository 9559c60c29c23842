from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features.sequences import OOV, Reading, Sequences, Side


def ragged(*rows: list[int]) -> Sequences:
    indptr = np.cumsum([0, *map(len, rows)])
    return Sequences(indptr, np.array([number for row in rows for number in row], dtype=np.int32))


def unpacked(sequences: Sequences) -> list[list[int]]:
    assert sequences.ids.dtype == np.int32
    assert sequences.indptr.dtype == np.int64
    return [part.tolist() for part in np.split(sequences.ids, sequences.indptr[1:-1])][
        : sequences.n
    ]


ROWS = ragged([2, 3, 4, 5], [], [6], [7, 8])


def test_rows_are_taken_in_any_order_and_more_than_once() -> None:
    assert unpacked(ROWS.take(np.array([3, 1, 0, 3]))) == [[7, 8], [], [2, 3, 4, 5], [7, 8]]
    assert unpacked(ROWS.take(np.zeros(0, dtype=np.int64))) == []


def test_more_documents_stand_behind() -> None:
    assert unpacked(ROWS.extended(ragged([9], []))) == [[2, 3, 4, 5], [], [6], [7, 8], [9], []]
    assert unpacked(ragged().extended(ROWS)) == unpacked(ROWS)
    assert unpacked(Sequences.concat([])) == []


@pytest.mark.parametrize(
    ("side", "expected"), [("post", [2, 3]), ("pre", [4, 5])], ids=["post", "pre"]
)
def test_a_cut_drops_words_at_the_named_end(side: Side, expected: list[int]) -> None:
    assert unpacked(ROWS.cut(2, side)) == [expected, [], [6], [7, 8]]


def test_a_cut_that_cuts_nothing_costs_nothing() -> None:
    assert ROWS.cut(4, "post") is ROWS


@pytest.mark.parametrize(
    ("side", "expected"), [("post", [6, 0, 0, 0]), ("pre", [0, 0, 0, 6])], ids=["post", "pre"]
)
def test_filling_puts_padding_at_the_named_end(side: Side, expected: list[int]) -> None:
    rows = unpacked(ROWS.filled(4, side))
    assert rows[0] == [2, 3, 4, 5]
    assert rows[1] == [0, 0, 0, 0]
    assert rows[2] == expected


def test_a_frame_stands_around_every_document() -> None:
    framed = unpacked(ROWS.framed([1], [0, 9]))
    assert framed == [[1, 2, 3, 4, 5, 0, 9], [1, 0, 9], [1, 6, 0, 9], [1, 7, 8, 0, 9]]
    assert unpacked(ROWS.framed([], [])) == unpacked(ROWS)
    assert unpacked(ragged().framed([1], [2])) == []


def test_a_document_that_is_too_long_to_be_filled_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(AssertionError, match="cut before you fill"):
        ROWS.filled(3, "post")


def test_the_rectangle_is_as_wide_as_the_longest_document() -> None:
    assert ROWS.rectangle().tolist() == [[2, 3, 4, 5], [0] * 4, [6, 0, 0, 0], [7, 8, 0, 0]]
    assert ragged().rectangle().shape == (0, 0)
    assert ragged([], []).rectangle().shape == (2, 0)


def test_documents_without_words_get_an_unknown_one() -> None:
    rows = ragged([], [2], [], [], [3, 4], []).nonempty()
    assert unpacked(rows) == [[OOV], [2], [OOV], [OOV], [3, 4], [OOV]]
    assert ragged([2]).nonempty().indptr.tolist() == [0, 1]
    assert unpacked(ragged().nonempty()) == []


def test_a_reading_counts_what_is_unknown_and_what_is_cut() -> None:
    before = ragged([1, 1, 2], [2, 3], [], [1])
    reading = Reading.between(before, before.cut(2, "post"))
    assert reading == Reading(
        n_documents=4,
        n_tokens=6,
        n_unknown=3,
        n_cut=1,
        n_documents_cut=1,
        n_documents_blank=3,  # the only known word of the first is cut off
    )
    assert reading.sentence() == (
        "50.0 % of the words are unknown, 16.7 % are cut off (1 text), 3 texts have no known word."
    )


def test_a_reading_of_nothing_has_no_shares() -> None:
    reading = Reading.between(ragged(), ragged())
    assert reading.sentence().startswith("0.0 % of the words are unknown, 0.0 % are cut off")


def test_each_document_is_turned_round_in_its_own_place() -> None:
    assert unpacked(ROWS.reversed()) == [[5, 4, 3, 2], [], [6], [8, 7]]
    assert unpacked(ROWS.reversed().reversed()) == unpacked(ROWS)
    assert unpacked(ragged().reversed()) == []
    assert unpacked(ROWS) == [[2, 3, 4, 5], [], [6], [7, 8]]  # left alone
