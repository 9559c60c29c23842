from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from newsdesk.evaluation.compare import compare
from newsdesk.study.contrast import Difference, difference

Answers = NDArray[np.bool_]


def answers(share: float, n: int, seed: int) -> Answers:
    return np.random.default_rng(seed).random(n) < share


def test_one_seed_has_about_the_limits_of_the_paired_comparison() -> None:
    n = 4000
    first, second = answers(0.8, n, 0), answers(0.77, n, 1)
    found = difference([(first, second)], np.arange(n))
    y = np.zeros(n, dtype=np.int64)
    proba = [np.where(right, 0.9, 0.1) for right in (first, second)]
    both = [np.stack([p, 1 - p], axis=1).astype(np.float32) for p in proba]
    expected = compare(*both, y, names=("a", "b"))[0]
    assert found is not None
    assert found.value == pytest.approx(expected.difference)
    assert (found.low, found.high) == pytest.approx(expected.interval, abs=2e-4)


def test_seeds_that_disagree_widen_the_limits() -> None:
    n = 1000
    base = answers(0.7, n, 0)
    agree = [(answers(0.75, n, seed), base) for seed in (1, 1, 1)]
    disagree = [(answers(share, n, 1), base) for share in (0.70, 0.75, 0.80)]
    one, other = difference(agree, np.arange(n)), difference(disagree, np.arange(n))
    assert one is not None
    assert other is not None
    assert other.high - other.low > 1.5 * (one.high - one.low)


def test_copies_of_rows_are_no_further_evidence() -> None:
    first, second = answers(0.8, 200, 0), answers(0.7, 200, 1)
    alone = difference([(first, second)], np.arange(200))
    twice = difference([(np.tile(first, 2), np.tile(second, 2))], np.tile(np.arange(200), 2))
    assert twice == alone


def test_equal_answers_are_not_distinguishable_and_still_have_limits() -> None:
    right = answers(0.8, 50, 0)
    found = difference([(right, right)] * 3, np.arange(50))
    assert found is not None
    assert found.low < found.value == 0.0 < found.high
    assert not found.is_clear


def test_limits_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    hits, n, k, n_trials = 0, 300, 3, 400
    for _ in range(n_trials):
        ease = rng.random(n)  # rows differ, and so do seeds
        pairs = []
        for _ in range(k):
            shift = rng.normal(0, 0.02)
            pairs.append((rng.random(n) < 0.9 * ease + shift, rng.random(n) < 0.9 * ease))
        found = difference(pairs, np.arange(n))
        assert found is not None
        hits += found.low <= 0.0 <= found.high
    assert 0.92 <= hits / n_trials <= 1.0


def test_without_a_pair_there_is_no_difference() -> None:
    assert difference([], np.arange(3)) is None


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(-0.01, 0.02, "not distinguishable"), (0.001, 0.02, "better"), (-0.02, -0.01, "worse")],
)
def test_words_follow_from_the_limits(low: float, high: float, verdict: str) -> None:
    found = Difference((low + high) / 2, low, high)
    assert found.text.endswith(f"{100 * low:+.1f} to {100 * high:+.1f}: {verdict}")
