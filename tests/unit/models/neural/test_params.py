from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
import pytest

from newsdesk import config
from newsdesk.errors import ConfigError
from newsdesk.models.neural.params import TrainingParams


@dataclass(frozen=True)
class Trial(TrainingParams):
    """Settings of a trial.

    Parameters
    ----------
    width : int
        Something of its own.
    """

    family: ClassVar[str] = "trial"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"quick": {"epochs": 1, "width": 2}}

    width: int = 5


@dataclass(frozen=True)
class Deeper(Trial):
    """Settings of a deeper trial.

    Parameters
    ----------
    depth : int
        Something more.
    """

    depth: int = 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": 0.0},
        {"learning_rate": 10.1},
        {"learning_rate": float("nan")},
        {"warm_up": -0.1},
        {"warm_up": 1.0},
        {"epochs": 0},
        {"epochs": 1001},
        {"batch_size": 0},
        {"batch_size": 65_537},
        {"accumulate": 0},
        {"accumulate": 1025},
        {"patience": -1},
        {"clip_norm": -0.1},
        {"clip_norm": float("nan")},
        {"weight_decay": -1.0},
        {"l1": -1.0},
        {"l2": 11.0},
        {"l2": float("nan")},
        {"label_smoothing": 1.0},
        {"label_smoothing": -0.1},
        {"focal_gamma": -1.0},
        {"focal_gamma": 10.1},
    ],
    ids=str,
)
def test_a_setting_out_of_range_is_refused_with_its_range(wrong: dict[str, Any]) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(ConfigError) as caught:
        Trial(**wrong)
    assert caught.value.problem.startswith(f"Family trial: {name} is {value}, allowed is: ")
    assert name in caught.value.remedy


@pytest.mark.parametrize(
    "right",
    [
        {"learning_rate": 10.0, "epochs": 1000, "batch_size": 65_536, "l1": 10.0},
        {"learning_rate": 1e-9, "epochs": 1, "batch_size": 1, "patience": 0, "clip_norm": 0.0},
        {"label_smoothing": 0.99, "warm_up": 0.99, "focal_gamma": 10.0, "accumulate": 1024},
        {"schedule": "warm-up", "warm_up": 0.0},
    ],
    ids=str,
)
def test_the_ends_of_the_ranges_are_allowed(right: dict[str, Any]) -> None:
    assert config.override(Trial(), [f"{k}={v}" for k, v in right.items()], where="") == Trial(
        **right
    )


@pytest.mark.parametrize("pair", ["optimizer=lion", "schedule=steps", "monitor=f1", "keep=all"])
def test_a_name_that_is_none_of_the_choices_is_refused(pair: str) -> None:
    with pytest.raises(ConfigError, match=pair.partition("=")[2]):
        config.override(Trial(), [pair], where="here")


def test_the_help_of_a_family_lists_its_own_settings_first_then_the_shared_ones() -> None:
    words = Deeper.__doc__ or ""
    names = [line.split(" : ")[0] for line in words.splitlines() if " : " in line]
    assert names[:3] == ["depth", "width", "monitor"]
    assert names.index("monitor") < names.index("optimizer")
    assert sorted(names) == sorted(config.field_names(Deeper))
    assert words.startswith("Settings of a deeper trial.")


def test_what_a_study_varies_by_default_can_be_set() -> None:
    for name, values in TrainingParams.FACTORS.items():
        if name != "dropout":  # a setting of the networks on words
            for value in values:
                assert getattr(Trial(**{name: value}), name) == value


def test_presets_are_no_setting() -> None:
    assert "PRESETS" not in config.field_names(Trial)
    found = config.override(Trial(), ["preset=quick"], where="here")
    assert (found.epochs, found.width) == (1, 2)


@pytest.mark.parametrize(
    ("n_rows", "accumulate", "expected"),
    [(32, 1, 4), (33, 1, 5), (33, 2, 3), (33, 5, 1), (1, 9, 1)],
)
def test_updates_of_an_epoch_are_counted(n_rows: int, accumulate: int, expected: int) -> None:
    assert Trial(batch_size=8, accumulate=accumulate).n_updates(n_rows) == expected


@pytest.mark.parametrize(
    ("n_rows", "min_updates", "expected"),
    [(32, 0, 3), (32, 12, 3), (32, 13, 4), (800, 13, 3), (1, 40, 40), (1, 5000, 1000), (0, 9, 9)],
)
def test_few_rows_are_passed_more_often_where_so_many_updates_are_wanted(
    n_rows: int, min_updates: int, expected: int
) -> None:
    settled = Trial(batch_size=8, epochs=3, min_updates=min_updates).settled(n_rows)
    assert settled == Trial(batch_size=8, epochs=expected)


def test_settings_that_were_saved_before_there_were_newer_ones_are_read() -> None:
    saved = b'{"optimizer": "sgd", "epochs": 3, "width": 7}'
    assert msgspec.json.decode(saved, type=Trial) == Trial(optimizer="sgd", epochs=3, width=7)


@pytest.mark.parametrize(
    ("n_updates", "min_updates", "expected"),
    [(4, 12, 3), (4, 13, 4), (100, 13, 3), (1, 40, 40), (1, 5000, 1000), (0, 9, 9), (7, 0, 3)],
)
def test_passes_are_settled_by_the_updates_of_one(
    n_updates: int, min_updates: int, expected: int
) -> None:
    settled = Trial(epochs=3, min_updates=min_updates).settled_by(n_updates)
    assert settled == Trial(epochs=expected)
    assert settled.settled_by(n_updates) == settled


@pytest.mark.parametrize("betas", [(-0.1, 0.9), (0.9, 1.0), (1.0, 0.9)])
def test_betas_below_one_are_allowed(betas: tuple[float, float]) -> None:
    assert Trial(betas=(0.0, 0.9999)).betas == (0.0, 0.9999)
    with pytest.raises(ConfigError, match="betas is"):
        Trial(betas=betas)
