from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import ConfigError
from newsdesk.features.pairs import Pairs
from newsdesk.features.sequences import OOV, Sequences


def rows_of(*rows: list[int]) -> Sequences:
    flat = [number for row in rows for number in row]
    return Sequences(np.cumsum([0, *map(len, rows)]), np.array(flat, dtype=np.int32))


ROWS = rows_of([2, 3, 4], [], [2, 3, OOV, 4], [4, 2, 3, 4])


def learn(size: int = 9, min_count: int = 1) -> list[list[int]]:
    pairs = Pairs.learn(ROWS, n_words=5, size=size, min_count=min_count)
    found: list[list[int]] = pairs.words.tolist()
    return found


def test_neighbours_within_a_document_are_pairs_and_unknown_words_are_in_none() -> None:
    assert learn() == [[2, 3], [3, 4], [4, 2]]


def test_frequent_pairs_come_first_and_rare_ones_not_at_all() -> None:
    assert learn(size=1) == [[2, 3]]
    assert learn(size=2) == [[2, 3], [3, 4]]
    assert learn(min_count=3) == [[2, 3]]
    assert learn(min_count=4) == learn(size=0) == []


def test_pairs_stand_behind_the_words_of_their_document() -> None:
    pairs = Pairs.learn(ROWS, n_words=5, size=2, min_count=1)
    added = pairs.added(ROWS)
    assert added.ids.tolist() == [2, 3, 4, 5, 6, 2, 3, OOV, 4, 5, 4, 2, 3, 4, 5, 6]
    assert added.indptr.tolist() == [0, 5, 5, 10, 16]


def test_no_pairs_add_nothing() -> None:
    none = Pairs.learn(rows_of([], [2], [OOV, 2]), n_words=5, size=9, min_count=1)
    assert len(none) == 0
    assert none.added(ROWS) is ROWS
    assert none.between(ROWS.ids)[0].tolist() == []


def test_pairs_of_one_document_are_found_with_their_first_words() -> None:
    pairs = Pairs.learn(ROWS, n_words=5, size=2, min_count=1)
    starts, numbers = pairs.between(np.array([4, 2, 3, OOV, 3, 4], dtype=np.int32))
    assert starts.tolist() == [1, 4]
    assert numbers.tolist() == [5, 6]
    assert pairs.between(np.zeros(0, dtype=np.int32))[0].tolist() == []


@pytest.mark.parametrize(
    "words",
    [[[2, 3], [2, 3]], [[3, 4], [2, 3]], [[OOV, 3]], [[2, 5]], [[-2, 3]]],
    ids=["twice", "out of order", "unknown", "beyond", "negative"],
)
def test_what_is_no_list_of_pairs_is_refused(words: list[list[int]]) -> None:
    with pytest.raises(ConfigError, match="not pairs of known words"):
        Pairs(np.array(words, dtype=np.int32), 5)
