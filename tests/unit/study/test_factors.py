from __future__ import annotations

from typing import Any

import pytest

from newsdesk.errors import ConfigError, UnknownFamilyError
from newsdesk.study import factors
from newsdesk.study.factors import read_plan


def names(plan: Any) -> list[str]:
    return [plan.name(setting) for setting in plan.settings]


def test_one_at_a_time_is_the_base_and_each_other_level() -> None:
    plan = read_plan("toy", ["dropout=0|0.5", "rate=0.1|0.2|0.3"])
    assert names(plan) == ["base", "dropout=0.5", "rate=0.2", "rate=0.3"]
    assert [setting.number for setting in plan.settings] == [0, 1, 2, 3]


def test_a_grid_is_every_combination_with_the_base_first() -> None:
    plan = read_plan("toy", ["dropout=0|0.5", "rate=0.1|0.2"], design="grid")
    assert names(plan) == ["base", "rate=0.2", "dropout=0.5", "dropout=0.5 rate=0.2"]


def test_a_base_that_is_not_among_the_levels_is_added_in_its_place() -> None:
    plan = read_plan("toy", ["dropout=0.5|0.1", "kind=b"], ["dropout=0.2"])
    assert [factor.levels for factor in plan.factors] == [(0.1, 0.2, 0.5), ("a", "b")]
    assert plan.base.values == {"dropout": 0.2, "kind": "a"}


def test_levels_change_the_params_of_the_base_and_nothing_else() -> None:
    plan = read_plan("toy", ["dropout=0|0.5"], ["rate=0.7"])
    assert [(s.params.dropout, s.params.rate) for s in plan.settings] == [(0.0, 0.7), (0.5, 0.7)]


def test_a_setting_within_a_setting_is_a_factor_too() -> None:
    plan = read_plan("nnlm-lstm", ["pretraining.epochs=2|6"])
    assert [plan.name(setting) for setting in plan.settings] == ["base", "pretraining.epochs=2"]
    assert [setting.params.pretraining.epochs for setting in plan.settings] == [6, 2]


def test_without_entries_the_family_names_its_factors() -> None:
    plan = read_plan("toy")
    assert {factor.key: factor.levels for factor in plan.factors} == {
        "dropout": (0.0, 0.2, 0.5),
        "rate": (0.1, 9.0),
    }


def test_a_family_that_names_none_gets_the_usual_ones_that_it_has() -> None:
    plan = read_plan("linear")
    assert [factor.key for factor in plan.factors] == ["C", "min_df", "loss"]
    assert plan.base.params.C in plan.factors[0].levels


def test_budgets_are_equal_unless_asked_otherwise() -> None:
    base = read_plan("toy").base.params
    assert (base.patience, base.keep) == (0, "last")
    asked = read_plan("toy", fixed=["patience=3", "keep=best"]).base.params
    assert (asked.patience, asked.keep) == (3, "best")


def test_a_family_with_a_rule_of_its_own_keeps_it() -> None:
    assert read_plan("tfidf-mlp", ["alpha=0|1"]).base.params.patience == 2


def test_a_setting_that_the_plan_lacks_gets_the_next_number() -> None:
    plan = read_plan("toy", ["dropout=0|0.5", "rate=0.1|0.2"])
    both = plan.setting({"dropout": 0.5, "rate": 0.2})
    assert (both.number, both.params.dropout, both.params.rate) == (3, 0.5, 0.2)
    assert plan.setting({"dropout": 0.5, "rate": 0.1}) is plan.settings[1]


@pytest.mark.parametrize(
    ("entries", "problem", "remedy"),
    [
        (["dropot=0|1"], "unknown setting 'dropot'", "Did you mean 'dropout'?"),
        (["dropout=0|7"], "Factor dropout=7: dropout is 7.0", "Lower it."),
        (["dropout=0|x"], "Factor dropout=x", "Give a value"),
        (["dropout=0", "dropout=1"], "two --vary entries", "in one"),
        (["dropout=0"], "the one level 0, which is the base", "--vary 'dropout=0|…'"),
        (["dropout=0.5|0.5"], "names 0.5 twice", "once"),
        (["dropout"], "not of the form", "--vary"),
        (["dropout=|1"], "not of the form", "--vary"),
    ],
)
def test_wrong_factors_are_named(entries: list[str], problem: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_plan("toy", entries)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


def test_a_family_without_settings_cannot_be_studied() -> None:
    with pytest.raises(ConfigError, match="prior declares no factors"):
        read_plan("prior")


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(UnknownFamilyError):
        read_plan("liner")


def test_a_grid_that_is_too_large_is_refused_before_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(factors, "MOST_FITS", 11)
    entries = ["dropout=0|0.1|0.2", "rate=0.1|0.2"]
    assert len(read_plan("toy", entries, design="grid", n_seeds=1).settings) == 6
    with pytest.raises(ConfigError, match="6 settings, with 2 seeds 12 fits; at most 11"):
        read_plan("toy", entries, design="grid", n_seeds=2)
