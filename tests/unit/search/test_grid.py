from __future__ import annotations

import pytest

from newsdesk.errors import ConfigError, UnknownFamilyError
from newsdesk.search.grid import MOST_FITS, read_grid, written


def test_published_grid_of_linear_is_two_ngrams_by_six_costs() -> None:
    grid = read_grid("linear")
    assert grid.values == {
        "word_ngrams": ([1, 2], [1, 3]),
        "C": (0.1, 0.2, 0.3, 0.5, 1.0, 5.0),
    }
    assert [setting.number for setting in grid.settings] == list(range(12))
    assert grid.settings[7].params.word_ngrams == (1, 3)
    assert grid.settings[7].params.C == 0.2


def test_every_combination_is_a_setting_and_the_last_key_changes_fastest() -> None:
    grid = read_grid("linear", ["loss=logistic|squared_hinge", "min_df=1|2|3"], ["C=2"])
    assert [setting.name for setting in grid.settings] == [
        f"loss={loss} min_df={n}" for loss in ("logistic", "squared_hinge") for n in (1, 2, 3)
    ]
    assert all(setting.params.C == 2 for setting in grid.settings)
    assert all(setting.pairs[0] == "C=2" for setting in grid.settings)


def test_settings_within_a_setting_are_named_with_a_dot() -> None:
    fixed = ["pretraining.window=5"]
    grid = read_grid("nnlm-lstm", ["pretraining.units=32|64", "units=16|8"], fixed)
    assert [setting.name for setting in grid.settings][:2] == [
        "pretraining.units=32 units=16",
        "pretraining.units=32 units=8",
    ]
    found = [(one.params.pretraining.units, one.params.units) for one in grid.settings]
    assert found == [(32, 16), (32, 8), (64, 16), (64, 8)]
    assert all(setting.params.pretraining.window == 5 for setting in grid.settings)
    assert grid.settings[1].complexity == (0, 0)


def test_none_lists_and_words_can_be_written() -> None:
    grid = read_grid("linear", ["char_ngrams=null|3,4|[4, 5]", "fields=together|apart"])
    assert [setting.params.char_ngrams for setting in grid.settings[::2]] == [None, (3, 4), (4, 5)]
    assert [written(value) for value in grid.values["char_ngrams"]] == ["null", "[3,4]", "[4,5]"]


def test_pairs_of_a_setting_give_its_params_again() -> None:
    grid = read_grid("linear", ["char_ngrams=null|3,4", "C=0.1|5", "fields=first|apart"])
    for setting in grid.settings:
        entries = [pair for pair in setting.pairs if "=" in pair]
        (again,) = read_grid("linear", [entries[0]], entries[1:]).settings
        assert again.params == setting.params


@pytest.mark.parametrize(
    ("entry", "simplest_first"),
    [
        ("C=5|0.1|1", ["0.1", "1", "5"]),
        ("min_df=1|5|2", ["5", "2", "1"]),
        ("word_ngrams=1,3|1,2|2,2|1,1", ["[1,1]", "[2,2]", "[1,2]", "[1,3]"]),
        ("char_ngrams=3,5|null|4,5", ["null", "[4,5]", "[3,5]"]),
        ("loss=squared_hinge|logistic", ["squared_hinge", "logistic"]),
    ],
)
def test_simplicity_of_values(entry: str, simplest_first: list[str]) -> None:
    grid = read_grid("linear", [entry])
    ordered = sorted(grid.settings, key=lambda setting: setting.complexity)
    assert [written(*setting.values.values()) for setting in ordered] == simplest_first


def test_the_first_key_weighs_most_in_simplicity() -> None:
    ordered = sorted(read_grid("linear").settings, key=lambda setting: setting.complexity)
    assert [setting.values["word_ngrams"] for setting in ordered] == [[1, 2]] * 6 + [[1, 3]] * 6


WRONG = {
    "unknown key": (["D=1|2"], (), "'D=1|2': unknown setting 'D'"),
    "nearly known key": (["min_dff=1"], (), "unknown setting 'min_dff'"),
    "out of range": (["C=-1|2"], (), "Grid entry C=-1: Family linear: C is -1.0"),
    "wrong kind": (["C=much"], (), "Grid entry C=much"),
    "wrong word": (["loss=hinge"], (), "Grid entry loss=hinge"),
    "no values": (["C="], (), "not of the form key=value|value"),
    "no equals": (["C"], (), "not of the form key=value|value"),
    "an empty value": (["C=1||2"], (), "not of the form key=value|value"),
    "a value twice": (["C=1|1.0"], (), "names 1 twice"),
    "a key twice": (["C=1", "C=2"], (), "two grid entries"),
    "nothing": ([], (), "The grid is empty"),
    "published and more": (["published", "C=1"], (), "'published' is not of the form"),
    "also fixed": (["C=1|2"], ("C=3",), "is fixed (C=3) and stands in the grid"),
    "unknown fixed": (["C=1|2"], ("Q=3",), "unknown setting 'Q'"),
}


@pytest.mark.parametrize(("entries", "fixed", "problem"), WRONG.values(), ids=WRONG)
def test_a_wrong_grid_is_refused_by_its_entry(
    entries: list[str], fixed: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_grid("linear", entries, fixed)
    assert problem in caught.value.problem


def test_an_unknown_key_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError) as caught:
        read_grid("linear", ["min_dff=1"])
    assert caught.value.remedy == "Did you mean 'min_df'?"
    with pytest.raises(ConfigError) as caught:
        read_grid("ulmfit", ["units=1|2"])
    assert caught.value.remedy == "Did you mean 'pretraining.units'?"


def test_a_family_without_the_published_settings_has_no_published_grid() -> None:
    with pytest.raises(ConfigError, match="prior has none of the settings"):
        read_grid("prior")


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(UnknownFamilyError):
        read_grid("liner")


def test_a_grid_that_is_too_large_is_refused_before_it_is_built() -> None:
    many = "|".join(str(n) for n in range(1, 1001))
    with pytest.raises(ConfigError, match=r"5,000,000 fits; at most 10,000") as caught:
        read_grid("linear", [f"min_df={many}", f"max_epochs={many}"], n_folds=5)
    assert "1,000,000 settings" in caught.value.problem
    few = "|".join(str(n) for n in range(1, MOST_FITS // 5 + 1))
    assert len(read_grid("linear", [f"min_df={few}"], n_folds=5).settings) == MOST_FITS // 5
