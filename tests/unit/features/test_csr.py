from __future__ import annotations

import numpy as np
import pytest

from newsdesk.features.csr import equal_runs, stack_rows, take_rows

INDPTR = np.array([0, 2, 2, 5, 6])


@pytest.mark.parametrize(
    ("rows", "ends", "entries"),
    [
        ([2, 0, 2], [0, 3, 5, 8], [2, 3, 4, 0, 1, 2, 3, 4]),
        ([1, 3, 1], [0, 0, 1, 1], [5]),
        ([1], [0, 0], []),
        ([], [0], []),
    ],
)
def test_entries_follow_the_rows_in_their_order(
    rows: list[int], ends: list[int], entries: list[int]
) -> None:
    found = take_rows(INDPTR, np.array(rows, dtype=np.int64))
    assert [part.tolist() for part in found] == [ends, entries]
    assert all(part.dtype == np.int64 for part in found)


def test_all_rows_in_order_are_the_matrix_itself() -> None:
    indptr, entries = take_rows(INDPTR, np.arange(4))
    assert np.array_equal(indptr, INDPTR)
    assert np.array_equal(entries, np.arange(6))


def test_stacked_rows_keep_their_lengths() -> None:
    stacked = stack_rows([INDPTR, np.array([0]), np.array([0, 0, 4])])
    assert stacked.tolist() == [0, 2, 2, 5, 6, 6, 10]
    assert np.array_equal(stack_rows([INDPTR]), INDPTR)
    assert stack_rows([np.array([0]), np.array([0])]).tolist() == [0]


@pytest.mark.parametrize(
    ("keys", "ends"), [([], [0]), ([5], [0, 1]), ([5, 5], [0, 2]), ([9, 2, 2, 9], [0, 1, 3, 4])]
)
def test_a_run_of_equal_keys_is_a_row(keys: list[int], ends: list[int]) -> None:
    assert equal_runs(np.array(keys, dtype=np.uint64)).tolist() == ends
