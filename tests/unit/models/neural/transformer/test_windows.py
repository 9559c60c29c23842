from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.errors import ConfigError
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.transformer.windows import Cutter

BEFORE, BEHIND = 101, 102


def sequences(lengths: list[int]) -> Sequences:
    ids = [number for length in lengths for number in range(length)]
    return Sequences(np.cumsum([0, *lengths]), np.array(ids, dtype=np.int32))


def cutter(max_tokens: int = 10, stride: int = 3, max_windows: int = 4) -> Cutter:
    return Cutter((BEFORE,), (BEHIND,), max_tokens, stride, max_windows)


def rows(found: Sequences) -> list[list[int]]:
    return [part.tolist() for part in np.split(found.ids, found.indptr[1:-1])]


@given(
    st.lists(st.integers(0, 40), max_size=8),
    st.integers(1, 12),
    st.integers(0, 5),
    st.integers(1, 5),
    st.sampled_from([((), ()), ((BEFORE,), (BEHIND,)), ((), (BEHIND, BEHIND))]),
)
def test_windows_are_what_one_would_cut_by_hand(
    lengths: list[int],
    room: int,
    stride: int,
    max_windows: int,
    around: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    prefix, suffix = around
    found = Cutter(prefix, suffix, room + len(prefix + suffix), stride, max_windows).cut(
        sequences(lengths)
    )
    expected, n_windows, unread = [], [], []
    for length in lengths:
        windows, at = [list(range(min(room, length)))], 0
        while at + room < length and len(windows) < max_windows:
            at += room - min(stride, room // 2)
            windows.append(list(range(at, min(at + room, length))))
        expected += [[*prefix, *window, *suffix] for window in windows]
        n_windows.append(len(windows))
        unread.append(length - len({piece for window in windows for piece in window}))
    assert rows(found.sequences)[: len(expected)] == expected
    assert found.sequences.n == len(expected)
    assert found.sequences.ids.dtype == np.int32
    assert np.diff(found.indptr).tolist() == n_windows
    assert found.n_unread.tolist() == unread
    assert found.n_pieces.tolist() == lengths
    assert found.blank.tolist() == [length == 0 for length in lengths]


def test_lengths_are_those_of_all_windows() -> None:
    windows = cutter().cut(sequences([4, 12, 0]))
    assert rows(windows.sequences)[1:3] == [
        [BEFORE, *range(8), BEHIND],
        [BEFORE, *range(5, 12), BEHIND],
    ]
    assert windows.lengths.tolist() == [6, 19, 2]


def test_texts_are_taken_with_their_windows() -> None:
    windows = cutter().cut(sequences([4, 60, 0, 12]))
    taken = windows.take(np.array([3, 1, 3]))
    assert taken.n == 3
    assert taken.lengths.tolist() == windows.lengths[[3, 1, 3]].tolist()
    assert taken.n_unread.tolist() == windows.n_unread[[3, 1, 3]].tolist()
    assert rows(taken.sequences)[:2] == rows(cutter().cut(sequences([12])).sequences)


def test_windows_that_hold_special_pieces_alone_are_refused() -> None:
    texts = sequences([5])
    with pytest.raises(ConfigError, match="max_tokens is 2, of which 2 are special pieces"):
        cutter(max_tokens=2).cut(texts)


def test_what_is_not_read_is_told() -> None:
    windows = cutter(max_windows=2).cut(sequences([4, 33, 12, 0, 1]))
    assert windows.sentence() == (
        "40.0 % of the word pieces stand behind the last window and are not read (1 text), "
        "2 texts have several windows."
    )
    assert cutter().cut(sequences([])).sentence().startswith("0.0 % of the word pieces")
