"""Pairs of words against plain ones made of Python's lists and dictionaries."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.features.pairs import Pairs
from newsdesk.features.sequences import OOV, Sequences

N_WORDS = 6
ROWS = st.lists(st.lists(st.integers(OOV, N_WORDS - 1), max_size=8), max_size=8)


def ragged(rows: list[list[int]]) -> Sequences:
    flat = [number for row in rows for number in row]
    return Sequences(np.cumsum([0, *map(len, rows)]), np.array(flat, dtype=np.int32))


def known(row: list[int]) -> list[tuple[int, int]]:
    return [pair for pair in pairwise(row) if min(pair) > OOV]


@given(ROWS, ROWS, st.integers(0, 12), st.integers(1, 3))
def test_pairs_are_those_of_a_plain_count(
    rows: list[list[int]], asked: list[list[int]], size: int, min_count: int
) -> None:
    pairs = Pairs.learn(ragged(rows), n_words=N_WORDS, size=size, min_count=min_count)
    counts = Counter(pair for row in rows for pair in known(row))
    ranked = sorted(counts, key=lambda pair: (-counts[pair], pair))
    chosen = sorted([pair for pair in ranked if counts[pair] >= min_count][:size])
    assert [tuple(pair) for pair in pairs.words.tolist()] == chosen
    number = {pair: N_WORDS + place for place, pair in enumerate(chosen)}
    added = pairs.added(ragged(asked))
    for row, (start, end) in zip(asked, pairwise(added.indptr.tolist()), strict=True):
        own = [pair for pair in known(row) if pair in number]
        numbers = [number[pair] for pair in own]
        assert added.ids[start:end].tolist() == [*row, *numbers]
        starts, found = pairs.between(np.array(row, dtype=np.int32))
        assert found.tolist() == numbers
        assert [tuple(row[at : at + 2]) for at in starts.tolist()] == own
