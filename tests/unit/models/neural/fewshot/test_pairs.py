from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.neural.fewshot.pairs import Pairs, choose, draw


def drawn(sizes: list[int], n_per_text: int = 5, seed: int = 0) -> Pairs:
    y = np.random.default_rng(9).permutation(np.repeat(np.arange(len(sizes)), sizes))
    return draw(y, n_per_text, np.random.default_rng(seed))


def test_small_classes_give_all_their_pairs() -> None:
    found = drawn([4, 3])
    assert found.n_same == 6 + 3
    assert found.n - found.n_same == 4 * 3


def test_large_classes_give_as_many_pairs_as_were_asked_for() -> None:
    found = drawn([50, 40, 30], n_per_text=3)
    assert found.n_same == 3 * 120
    assert 3 * 115 < found.n - found.n_same <= 3 * 120


def test_partners_of_other_classes_are_spread_over_them() -> None:
    y = np.repeat(np.arange(6), 50)
    found = draw(y, 5, np.random.default_rng(0))
    others = y[found.texts[found.same == 0]]
    table = np.zeros((6, 6), dtype=np.int64)
    np.add.at(table, (others[:, 0], others[:, 1]), 1)
    both = table + table.T
    assert both[~np.eye(6, dtype=bool)].min() > 50


def test_every_text_has_about_as_many_pairs_as_another() -> None:
    found = drawn([60, 60, 60])
    counts = np.bincount(found.texts[found.same == 1].ravel(), minlength=180)
    assert counts.min() == counts.max() == 10


@pytest.mark.parametrize(("sizes", "n", "n_same"), [([1], 0, 0), ([1, 1], 1, 0), ([3], 3, 3)])
def test_too_few_texts_for_both_kinds_give_what_they_can(
    sizes: list[int], n: int, n_same: int
) -> None:
    found = drawn(sizes)
    assert (found.n, found.n_same) == (n, n_same)


def test_no_texts_make_no_pairs() -> None:
    found = draw(np.zeros(0, dtype=np.int64), 5, np.random.default_rng(0))
    assert found.texts.shape == (0, 2)
    assert found.n == 0


def test_texts_are_chosen_evenly_over_the_classes() -> None:
    y = np.repeat([0, 1, 2], [1000, 3, 50])
    rows = choose(y, 60, np.random.default_rng(0))
    assert np.bincount(y[rows]).tolist() == [29, 3, 28]
    assert np.array_equal(rows, np.unique(rows))
    other = choose(y, 60, np.random.default_rng(1))
    assert not np.array_equal(rows, other)


def test_all_texts_are_chosen_where_there_are_few() -> None:
    y = np.array([1, 0, 1])
    assert choose(y, 3, np.random.default_rng(0)).tolist() == [0, 1, 2]
