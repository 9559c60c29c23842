from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import pytest

from newsdesk.evaluation.bootstrap import (
    absolute_sum_interval,
    mean_interval,
    resample,
    share_interval,
    unseen_variance,
)
from newsdesk.types import Silent


def test_samples_draw_whole_clusters() -> None:
    clusters = np.array([5, 5, 9, 9, 9, 2])
    for times in resample(6, clusters, n_bootstrap=20, seed=1, progress=Silent()):
        assert times[0] == times[1]
        assert times[2] == times[3] == times[4]
        assert times[0] + times[2] + times[5] == 3


def test_resampling_tells_every_sample() -> None:
    told: list[int] = []

    class Spy:
        def task(
            self, name: str, total: int, unit: str
        ) -> AbstractContextManager[Callable[[int], None]]:
            told.append(-total)
            return nullcontext(told.append)

    assert len(list(resample(3, None, n_bootstrap=250, seed=0, progress=Spy()))) == 250
    assert sum(told) == 0


def test_share_interval_moves_against_the_bias() -> None:
    replicates = np.random.default_rng(0).normal(0.58, 0.02, 4000)
    low, high = share_interval(0.60, replicates, n_effective=100)
    assert (low + high) / 2 == pytest.approx(0.62, abs=0.003)
    assert high - low == pytest.approx(2 * 1.96 * 0.02, rel=0.05)


def test_share_interval_stays_in_the_range_of_the_metric() -> None:
    rng = np.random.default_rng(0)
    low, high = share_interval(0.99, rng.normal(0.99, 0.01, 500), n_effective=100)
    assert 0 < low < 0.99 < high < 1
    low, high = share_interval(0.999, rng.normal(0.98, 0.01, 500), n_effective=100)
    assert 0 < low < high < 1


def test_added_variance_widens_its_side() -> None:
    replicates = np.random.default_rng(0).normal(0.6, 0.02, 500)
    low, high = share_interval(0.6, replicates, n_effective=100)
    lower, same = share_interval(0.6, replicates, n_effective=100, added=(0.01, 0.0))
    assert lower < low - 0.1
    assert same == high


def test_samples_without_a_value_are_left_out() -> None:
    replicates = np.array([0.5, np.nan, 0.6, 0.4, np.nan])
    assert share_interval(0.5, replicates, n_effective=9) == share_interval(
        0.5, replicates[[0, 2, 3]], n_effective=9
    )


def test_mean_interval_reaches_further_towards_the_long_tail() -> None:
    rng = np.random.default_rng(0)
    rows = rng.lognormal(0, 1.5, 200)
    samples = rows[rng.integers(0, 200, size=(2000, 200))]
    errors = samples.std(axis=1) / np.sqrt(200)
    mean, error = rows.mean(), rows.std() / np.sqrt(200)
    low, high = mean_interval(mean, error, samples.mean(axis=1), errors, limit=1e9)
    assert high - mean > 1.2 * (mean - low) > 0
    _, capped = mean_interval(mean, error, samples.mean(axis=1), errors, limit=mean + 0.01)
    assert capped == pytest.approx(mean + 0.01)


def test_mean_without_spread_has_no_width() -> None:
    assert mean_interval(0.3, 0.0, np.full(5, 0.3), np.zeros(5), limit=9.0) == (0.3, 0.3)


def test_absolute_sum_of_noise_includes_zero_and_of_signal_does_not() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.01, size=(800, 10))
    low, high = absolute_sum_interval(noise[0], noise + noise[0], limit=1.0)
    assert low == 0.0
    assert high > 0.0
    signal = np.full(10, 0.1)
    low, high = absolute_sum_interval(signal, noise + signal, limit=2.0)
    assert 0.9 < low < 1.0 < high < 1.1


def test_classes_that_cannot_vary_add_the_reach_of_their_own_interval() -> None:
    limits = np.array([[0.34, 1.0], [0.5, 0.7]])
    values = np.array([1.0, 0.6])
    below, above = unseen_variance(
        np.array([2, 30]), np.array([2, 50]), values, limits, np.array([0.0, 0.002])
    )
    assert below == pytest.approx((0.66 / 1.96) ** 2, rel=1e-3)
    assert above == 0.0
