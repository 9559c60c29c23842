from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
import pytest

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward import pieces
from newsdesk.models.neural.forward.pieces import Piece, map_rows
from newsdesk.types import Floats


def sequences_of(*rows: list[int]) -> Sequences:
    indptr = np.cumsum([0, *map(len, rows)])
    return Sequences(indptr, np.array([i for row in rows for i in row], dtype=np.int32))


def test_a_piece_holds_long_rows_first_and_each_word_once() -> None:
    seen: list[Piece] = []

    def look(piece: Piece) -> Floats:
        seen.append(piece)
        return np.zeros((piece.n, 1), dtype=np.float32)

    map_rows(sequences_of([7], [], [7, 3, 7], [9, 3]), 1, look)
    (piece,) = seen
    assert piece.n == 4
    assert piece.indptr.tolist() == [0, 3, 5, 6, 6]
    assert piece.words.tolist() == [3, 7, 9]
    assert piece.words[piece.place].tolist() == [7, 3, 7, 9, 3, 7]


def sums(piece: Piece) -> Floats:
    """Sum and number of the ids of each row."""
    ids = piece.words[piece.place]
    ends = piece.indptr
    return np.array(
        [[ids[a:b].sum(), b - a] for a, b in pairwise(ends)],
        dtype=np.float32,
    )


@pytest.mark.parametrize("threads", ["1", "3"])
def test_results_stand_where_their_rows_stood(
    threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", threads)
    monkeypatch.setattr(pieces, "N_TOKENS", 10)
    rng = np.random.default_rng(0)
    rows = [rng.integers(0, 50, n).tolist() for n in rng.integers(0, 25, 40)]
    found = map_rows(sequences_of(*rows), 2, sums)
    assert found.tolist() == [[sum(row), len(row)] for row in rows]


def test_no_rows_give_no_results() -> None:
    found = map_rows(sequences_of(), 2, lambda piece: np.zeros((piece.n, 2), dtype=np.float32))
    assert found.shape == (0, 2)


def test_pieces_are_under_way_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "2")
    monkeypatch.setattr(pieces, "N_TOKENS", 1)
    meeting = threading.Barrier(2, timeout=60)

    def meet(piece: Piece) -> Floats:
        meeting.wait()
        return sums(piece)

    assert map_rows(sequences_of([1], [2]), 2, meet).tolist() == [[1, 1], [2, 1]]


def test_an_error_of_a_piece_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "N_TOKENS", 1)
    vectors = np.zeros((3, 1), dtype=np.float32)
    with pytest.raises(IndexError):
        map_rows(sequences_of([1], [3]), 1, lambda piece: vectors[piece.words])
