from __future__ import annotations

import numpy as np
import pytest

from newsdesk.errors import ConfigError
from newsdesk.features.apart import Apart
from newsdesk.features.sequences import OOV, Sequences


def rows(*documents: list[int]) -> Sequences:
    indptr = np.cumsum([0, *map(len, documents)])
    return Sequences(indptr, np.array([i for row in documents for i in row], dtype=np.int32))


def test_frequent_entries_have_a_second_number() -> None:
    titles = rows([2, 4, 4], [], [3, 4, 2])
    apart = Apart.learn(titles, n_entries=6, min_count=2)
    assert apart.ids.tolist() == [2, 4]
    found = apart.of(titles)
    assert found.indptr.tolist() == [0, 3, 3, 5]
    assert found.ids.tolist() == [6, 7, 7, 7, 6]


def test_an_unknown_word_has_none() -> None:
    assert not len(Apart.learn(rows([OOV, OOV]), n_entries=6, min_count=1))


def test_nothing_has_a_second_number_where_there_are_no_titles() -> None:
    apart = Apart.learn(Sequences.concat([]), n_entries=6, min_count=1)
    assert apart.of(rows([2, 3], [4])).lengths.tolist() == [0, 0]


@pytest.mark.parametrize("ids", [[4, 2], [2, 2], [1, 2], [6]])
def test_damaged_entries_are_refused(ids: list[int]) -> None:
    with pytest.raises(ConfigError, match="rising order"):
        Apart(np.array(ids, dtype=np.int32), 6)
