from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.evaluation.axes import steps, whole_steps, written

NUMBERS = st.floats(-1e9, 1e9, allow_subnormal=False)


@given(st.lists(NUMBERS, min_size=1))
def test_ticks_hold_every_value_and_are_few(values: list[float]) -> None:
    ticks = steps(values)
    reach = ticks[-1] - ticks[0]
    assert reach > 0
    assert ticks[0] <= min(values) + 1e-9 * reach
    assert ticks[-1] >= max(values) - 1e-9 * reach
    assert 2 <= len(ticks) <= 8
    assert len(set(written(ticks))) == len(ticks)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.02, 1.4], [0.0, 0.5, 1.0, 1.5]),
        ([99.1, 99.9], [99.0, 99.2, 99.4, 99.6, 99.8, 100.0]),
        ([0.0, 0.0], [0.0, 1.0]),
        ([50.0], [50.0, 60.0]),
        ([0.7, 0.7 + 1e-12], [0.6, 0.8]),
        ([-3.0, 12000.0], [-5000.0, 0.0, 5000.0, 10000.0, 15000.0]),
    ],
)
def test_ticks_are_round(values: list[float], ticks: list[float]) -> None:
    assert steps(values) == ticks


@given(st.integers(0, 1000), st.integers(0, 100_000))
def test_whole_ticks_begin_at_the_first_and_stay_legible(first: int, n_more: int) -> None:
    ticks = whole_steps(first, first + n_more)
    assert ticks[0] == first
    assert ticks[-1] <= first + n_more
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 13
    assert n_more + 1 - len(ticks) < len(ticks) or len(ticks) >= 3


@pytest.mark.parametrize(
    ("last", "ticks"),
    [
        (1, [1]),
        (2, [1, 2]),
        (12, list(range(1, 13))),
        (13, [1, 5, 10]),
        (60, [1, 10, 20, 30, 40, 50, 60]),
        (200, [1, 50, 100, 150, 200]),
    ],
)
def test_epochs_have_whole_ticks(last: int, ticks: list[int]) -> None:
    assert whole_steps(1, last) == ticks


def test_ticks_have_the_decimals_that_tell_them_apart() -> None:
    assert written([0.0, 0.05, 0.1]) == ["0.00", "0.05", "0.10"]
    assert written([0, 500, 1000]) == ["0", "500", "1,000"]
    assert written([99.8, 100.0]) == ["99.8", "100.0"]
