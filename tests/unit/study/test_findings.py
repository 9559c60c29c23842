from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from newsdesk.study.factors import Plan, read_plan
from newsdesk.study.findings import Findings
from newsdesk.study.journal import Fit, Numbers, Quality

N = 1000
Shares = tuple[float, float] | None
"""Accuracy on train and on valid; None for a training that failed."""


def fit(plan: Plan, number: int, seed: int, shares: Shares) -> Fit:
    values = plan.settings[number].values if number < len(plan.settings) else {}
    if shares is None:
        return Fit(number, seed, values, None, 1.0, failed="It grew.", diverged=True)
    train, valid = shares
    right = np.arange(N) < round(valid * N)
    q = Quality(train, train, 1 - train), Quality(valid, valid, 1 - valid)
    return Fit(number, seed, values, Numbers(*q, np.packbits(right).tobytes()), 1.0)


def findings(
    plan: Plan, shares: Mapping[str, list[Shares]], most_gap: float | None = None
) -> Findings:
    fits = [
        fit(plan, setting.number, seed, share)
        for setting in plan.settings
        for seed, share in enumerate(shares[plan.name(setting)])
    ]
    return Findings(plan, tuple(fits), np.arange(N), most_gap)


TWO = ("dropout=0|0.2|0.5", "rate=0.1|0.2")


def test_levels_have_mean_and_range_over_seeds_and_a_difference_to_the_base() -> None:
    found = findings(
        read_plan("toy", TWO),
        {
            "base": [(1.0, 0.70), (0.9, 0.72)],
            "dropout=0.2": [(0.9, 0.74), (0.9, 0.78)],
            "dropout=0.5": [(0.8, 0.5), (0.8, 0.5)],
            "rate=0.2": [(0.97, 0.71), (0.97, 0.71)],
        },
    )
    dropout, rate = found.factors
    assert dropout.base is dropout.levels[0]
    outcome = dropout.levels[1].outcome
    assert outcome is not None
    assert (outcome.valid.low, outcome.valid.high) == (0.74, 0.78)
    assert outcome.valid.mean == pytest.approx(0.76)
    assert outcome.gap.mean == pytest.approx(0.14)
    assert dropout.levels[0].difference is None
    first = dropout.levels[1].difference
    assert first is not None
    assert first.value == pytest.approx(0.05)
    assert rate.levels[0].fits == dropout.levels[0].fits, "the base belongs to every factor"
    assert found.recommended == {"dropout": 0.2, "rate": 0.1}


def test_of_levels_that_cannot_be_told_apart_the_smaller_gap_is_recommended() -> None:
    found = findings(
        read_plan("toy", ["dropout=0|0.2|0.5"]),
        {
            "base": [(1.0, 0.700)] * 2,
            "dropout=0.2": [(0.95, 0.702)] * 2,
            "dropout=0.5": [(0.80, 0.701)] * 2,
        },
    )
    assert found.recommended == {"dropout": 0.5}


def test_a_tie_never_falls_below_the_base() -> None:
    found = findings(
        read_plan("toy", ["dropout=0|0.2|0.5"]),
        {
            "base": [(1.0, 0.700)] * 2,
            "dropout=0.2": [(0.95, 0.699)] * 2,
            "dropout=0.5": [(0.80, 0.698)] * 2,
        },
    )
    assert found.recommended == {"dropout": 0.0}


def test_what_is_clearly_better_wins_with_any_gap() -> None:
    found = findings(
        read_plan("toy", ["dropout=0|0.2"]),
        {"base": [(0.7, 0.7)] * 2, "dropout=0.2": [(1.0, 0.8)] * 2},
    )
    assert found.recommended == {"dropout": 0.2}


@pytest.mark.parametrize(
    ("most_gap", "dropout"),
    [(None, 0.2), (0.3, 0.2), (0.1, 0.5), (0.05, 0.2)],
    ids=["no bound", "all within", "the best within", "none within that is not below the base"],
)
def test_a_wider_gap_than_was_asked_for_is_not_recommended(
    most_gap: float | None, dropout: float
) -> None:
    found = findings(
        read_plan("toy", ["dropout=0|0.2|0.5|0.9"]),
        {
            "base": [(0.99, 0.70)] * 2,
            "dropout=0.2": [(0.99, 0.85)] * 2,
            "dropout=0.5": [(0.85, 0.77)] * 2,
            "dropout=0.9": [(0.60, 0.60)] * 2,
        },
        most_gap,
    )
    assert found.recommended == {"dropout": dropout}


def test_equal_levels_leave_the_base_as_it_is() -> None:
    same: list[Shares] = [(0.9, 0.7)] * 2
    found = findings(
        read_plan("toy", ["dropout=0|0.2|0.5"], ["dropout=0.2"]),
        {"base": same, "dropout=0": same, "dropout=0.5": same},
    )
    assert found.recommended == {"dropout": 0.2}


def test_what_failed_with_any_seed_is_not_recommended() -> None:
    found = findings(
        read_plan("toy", ["dropout=0|0.2|0.5"]),
        {
            "base": [(1.0, 0.5)] * 2,
            "dropout=0.2": [(0.9, 0.9), None],
            "dropout=0.5": [(0.9, 0.6)] * 2,
        },
    )
    assert found.recommended == {"dropout": 0.5}
    level = found.factors[0].levels[1]
    assert len(level.failed) == 1
    assert level.failure == "diverged"
    assert level.difference is not None, "of the seed that did not fail"


def test_a_base_that_failed_is_left_where_something_did_not() -> None:
    found = findings(
        read_plan("toy", ["rate=9|0.1|0.2"], ["rate=9"]),
        {"base": [None, None], "rate=0.1": [(0.9, 0.6)] * 2, "rate=0.2": [(0.9, 0.5)] * 2},
    )
    assert found.recommended == {"rate": 0.1}
    assert found.factors[0].base.outcome is None
    assert all(level.difference is None for level in found.factors[0].levels)


def test_a_factor_whose_levels_all_failed_keeps_its_base() -> None:
    found = findings(
        read_plan("toy", ["rate=9|8", "dropout=0|0.5"], ["rate=9"]),
        {"base": [None], "rate=8": [None], "dropout=0.5": [None]},
    )
    assert found.recommended == {"rate": 9.0, "dropout": 0.0}


GRID: dict[str, list[Shares]] = {
    "base": [(1.0, 0.6)] * 2,
    "rate=0.2": [(1.0, 0.7)] * 2,
    "dropout=0.5": [(0.9, 0.7)] * 2,
    "dropout=0.5 rate=0.2": [(0.9, 0.4)] * 2,
}


def test_in_a_grid_a_level_is_all_combinations_that_hold_it() -> None:
    plan = read_plan("toy", ["dropout=0|0.5", "rate=0.1|0.2"], design="grid")
    dropout, rate = findings(plan, GRID).factors
    half = dropout.levels[1].outcome
    assert half is not None
    assert half.valid.mean == pytest.approx(0.55)
    assert len(dropout.levels[1].fits) == 4
    apart = dropout.levels[1].difference
    assert apart is not None
    assert apart.value == pytest.approx(-0.1)
    assert rate.levels[0].difference is None


def test_in_a_grid_a_whole_setting_is_recommended() -> None:
    plan = read_plan("toy", ["dropout=0|0.5", "rate=0.1|0.2"], design="grid")
    assert findings(plan, GRID).recommended == {"dropout": 0.5, "rate": 0.1}


def test_a_further_setting_is_compared_with_the_base() -> None:
    plan = read_plan("toy", TWO)
    same: list[Shares] = [(0.9, 0.7)]
    found = findings(plan, dict.fromkeys(map(plan.name, plan.settings), same))
    both = plan.setting({"dropout": 0.5, "rate": 0.2})
    measured = found.measured(both, [fit(plan, both.number, 0, (0.9, 0.8))])
    assert measured.difference is not None
    assert measured.difference.value == pytest.approx(0.1)
    base: Any = found.measured(plan.base)
    assert base.difference is None
