from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.ladder.trials import FEWEST, Trial, extrapolate, watch


def fits(constant: float, per_row: float) -> tuple[list[int], Callable[[int], Trial]]:
    """Fits that take a constant and so much per row; the first one loads libraries."""
    sizes: list[int] = []

    def run(n: int) -> Trial:
        sizes.append(n)
        return Trial(n, constant + per_row * n + (100.0 if len(sizes) == 1 else 0.0))

    return sizes, run


def never(_trials: object) -> bool:
    return False


@given(st.floats(0, 10), st.floats(1e-5, 1e-2), st.integers(10 * FEWEST, 10**6), st.floats(0.01, 4))
def test_a_time_that_grows_evenly_is_found(
    constant: float, per_row: float, n: int, seconds: float
) -> None:
    sizes, run = fits(constant, per_row)
    trials = watch(run, n, seconds=seconds, enough=never)
    assert sizes[:2] == [FEWEST // 2, FEWEST]
    assert sizes[1:] == sorted(sizes[1:])
    assert sizes[-1] <= n // 2
    assert extrapolate(trials, n) == pytest.approx(constant + per_row * n, rel=1e-6)
    # No trial is much longer than was asked for.
    assert per_row * sizes[-1] <= max(10 * seconds, 8 * FEWEST * per_row)


def test_of_few_rows_there_is_one_trial_that_is_taken_to_grow_as_a_whole() -> None:
    sizes, run = fits(1.0, 0.0)
    trials = watch(run, 3 * FEWEST, seconds=1.0, enough=never)
    assert sizes == [FEWEST // 2, FEWEST]
    assert extrapolate(trials, 3 * FEWEST) == 3.0
    sizes, run = fits(1.0, 0.0)
    assert extrapolate(watch(run, 40, seconds=1.0, enough=never), 40) == 1.0
    assert sizes == [FEWEST // 2, 40]


def test_no_more_is_tried_than_is_wanted() -> None:
    sizes, run = fits(1.0, 1e-3)
    watch(run, 100_000, seconds=4.0, enough=lambda _trials: True)
    assert sizes == [FEWEST // 2]
    sizes, run = fits(1.0, 1e-3)
    watch(run, 100_000, seconds=4.0, enough=lambda trials: trials[-1].fit < 50)
    assert sizes == [FEWEST // 2, FEWEST]


def test_an_estimate_is_never_less_than_a_trial_took() -> None:
    assert extrapolate([Trial(100, 3.0), Trial(200, 2.0)], 1000) == 2.0
    assert extrapolate([Trial(100, 3.0)], 50) == 3.0
