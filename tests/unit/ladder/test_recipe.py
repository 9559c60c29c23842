from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from newsdesk import ladder, training
from newsdesk.bundle import Bundle
from newsdesk.errors import ConfigError, UnknownFamilyError
from newsdesk.ladder.recipe import train
from newsdesk.training.result import Result


def test_without_a_budget_it_is_the_training_that_there_was() -> None:
    plain = training.train("sample", rows=200)
    same = ladder.train("sample", rows=200)
    assert same.metrics == plain.metrics
    assert same.settings == plain.settings
    assert list(same.leaderboard[0]) == list(plain.leaderboard[0])
    both = train("sample", rows=200, family=["prior", "linear"])
    assert [result.family for result in both.results] == ["linear", "prior"]
    assert train("sample", rows=200, family="prior").results[0].family == "prior"


def test_named_families_are_the_rungs_and_everything_is_recorded(tmp_path: Path) -> None:
    heard: list[str] = []
    run = train(
        "sample",
        rows=200,
        family=["linear", "prior"],
        settings=["C=0.3"],
        budget="5m",
        out=tmp_path / "run",
        notes=heard.append,
    )
    assert [result.family for result in run.results] == ["linear", "prior"]
    assert tuple(heard) == run.notes
    record = tomllib.loads((tmp_path / "run/run.toml").read_text(encoding="utf-8"))
    assert record["families"] == ["prior", "linear"]
    assert record["families_settings"]["linear"]["C"] == 0.3
    budget = record["budget"]
    assert (budget["given"], budget["prefer"], budget["seconds"]) == ("5m", "accuracy", 300.0)
    assert 0 < budget["spent_seconds"] < 300
    assert budget["rungs"]["linear"] == {"outcome": "trained"}
    board = (tmp_path / "run/leaderboard.csv").read_text().splitlines()[0].split(",")
    assert board[-4:] == ["estimated_seconds", "total_seconds", "estimated_memory_mb", "memory_mb"]
    assert Bundle.load(tmp_path / "run/bundle").family == "linear"
    assert Bundle.load(tmp_path / "run/families/prior/bundle").family == "prior"


@pytest.mark.parametrize("prefer", ["speed", "size"])
def test_of_equal_families_the_preferred_one_is_delivered(
    prefer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsdesk.ladder.choice.EQUAL", 1.0)
    run = train(
        "sample",
        rows=200,
        family=["linear", "prior"],
        budget="5m",
        prefer=prefer,  # type: ignore[arg-type]
        out=tmp_path / "run",
    )
    assert [(line["family"], line["chosen"]) for line in run.leaderboard] == [
        ("prior", True),
        ("linear", False),
    ]
    assert Bundle.load(tmp_path / "run/bundle").family == "prior"


def test_everything_is_checked_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="has no unit"):
        train("no-such-file.csv", budget="10")
    with pytest.raises(ConfigError, match="Unknown preference 'sped'"):
        train("no-such-file.csv", budget="10m", prefer="sped")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="there is none"):
        train("no-such-file.csv", prefer="speed")
    with pytest.raises(UnknownFamilyError, match="liner"):
        train("no-such-file.csv", family="liner", budget="10m")
    with pytest.raises(ConfigError, match="Families are none"):
        train("no-such-file.csv", family=[], budget="10m")


def test_nothing_is_written_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    run = train("sample", rows=200, family="prior", budget="5m")
    assert run.out is None
    assert isinstance(run.results[0], Result)


def test_an_ensemble_is_a_rung_like_others_and_its_bundles_are_vouched_for(tmp_path: Path) -> None:
    members = ["members=linear,prior", "settings=linear.bits=12"]
    run = train("sample", rows=200, family=["ensemble", "prior"], settings=members, budget="5m")
    assert {result.family for result in run.results} == {"ensemble", "prior"}
    for family in ("linear", "prior"):
        training.train("sample", rows=100, family=family, out=tmp_path / family)
    bundles = [f"bundles={tmp_path}/linear/bundle,{tmp_path}/prior/bundle"]
    with pytest.raises(ConfigError, match="is not known"):
        train("sample", rows=200, family="ensemble", settings=bundles, budget="5m")


@pytest.mark.parametrize(
    "option",
    [
        {"teacher": "linear"},
        {"unlabelled": "more.csv"},
        {"teacher_share": 0.5},
        {"teacher_words": True},
    ],
)
def test_a_climb_has_no_teacher(option: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="budget has no teacher"):
        train("sample", budget="1m", **option)
