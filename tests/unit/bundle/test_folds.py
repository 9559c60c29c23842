from __future__ import annotations

import numpy as np
import pytest

from newsdesk.bundle.folds import deal


@pytest.mark.parametrize("n_folds", [2, 3, 5])
def test_each_class_is_spread_over_all_folds(n_folds: int) -> None:
    y = np.repeat([0, 1, 2], [100, 31, n_folds])
    fold = deal(y, None, n_folds=n_folds, seed=0)
    for index in range(3):
        sizes = np.bincount(fold[y == index], minlength=n_folds)
        assert sizes.min() >= 1
        assert np.ptp(sizes) <= 1


def test_groups_are_never_parted() -> None:
    rng = np.random.default_rng(0)
    y, groups = rng.integers(0, 4, 300), rng.integers(0, 80, 300)
    fold = deal(y, groups, n_folds=5, seed=1)
    assert all(len(np.unique(fold[groups == group])) == 1 for group in np.unique(groups))
    assert set(fold.tolist()) == set(range(5))


def test_the_seed_decides() -> None:
    y = np.arange(60) % 3
    first = deal(y, None, n_folds=5, seed=0)
    assert np.array_equal(first, deal(y, None, n_folds=5, seed=0))
    assert not np.array_equal(first, deal(y, None, n_folds=5, seed=1))


def test_fewer_groups_than_folds_are_a_fold_each() -> None:
    fold = deal(np.array([0, 1, 1, 0]), np.array([7, 7, 9, 9]), n_folds=5, seed=0)
    assert sorted(np.unique(fold).tolist()) == [0, 1]
