from __future__ import annotations

from collections.abc import Callable

import pytest

from newsdesk.study import StudyResult

Studied = Callable[..., StudyResult]


@pytest.fixture
def found(studied: Studied) -> StudyResult:
    return studied(vary=["dropout=0|0.9", "rate=0.1|0.2|9"], settings=["keep=best"])


def test_every_fit_has_a_line(found: StudyResult) -> None:
    lines = found.fits
    assert [(line["setting"], line["seed"]) for line in lines] == [
        (setting, seed) for setting in range(4) for seed in (0, 1)
    ]
    assert lines[0]["gap"] == lines[0]["train_accuracy"] - lines[0]["valid_accuracy"]
    assert lines[-1]["failed"] == "rate is 9.0."
    assert lines[-1]["valid_accuracy"] is None
    assert len({tuple(line) for line in lines}) == 1, "all lines have the same columns"


def test_every_level_of_every_factor_has_a_line(found: StudyResult) -> None:
    lines = found.levels
    assert [(line["factor"], line["level"]) for line in lines] == [
        ("dropout", 0.0),
        ("dropout", 0.9),
        ("rate", 0.1),
        ("rate", 0.2),
        ("rate", 9.0),
    ]
    assert [line["base"] for line in lines] == [True, False, True, False, False]
    assert lines[1]["valid_accuracy_low"] <= lines[1]["valid_accuracy"]
    assert lines[1]["difference_low"] < lines[1]["difference_to_base"] < lines[1]["difference_high"]
    assert lines[0]["difference_to_base"] is None
    assert (lines[4]["n_fits"], lines[4]["n_failed"], lines[4]["gap"]) == (2, 2, None)


def test_settings_train_the_recommended_levels(found: StudyResult) -> None:
    assert found.settings == ("keep=best", "dropout=0.9")
