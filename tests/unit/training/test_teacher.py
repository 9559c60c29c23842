from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from newsdesk.bundle.teaching import SHARE
from newsdesk.errors import ConfigError, UnknownFamilyError
from newsdesk.models.linear import LinearParams
from newsdesk.training.teacher import Given, Teacher, parted


def of(teacher: Any, *settings: str, **change: Any) -> Teacher | None:
    values: dict[str, Any] = {"share": None, "unlabelled": None, "students": ["static"]}
    return Teacher.of(teacher, settings, **(values | change))


def test_a_family_teaches_with_its_settings() -> None:
    found = of("linear", "bits=12")
    assert found is not None
    assert (found.name, found.params, found.share) == ("linear", LinearParams(bits=12), SHARE)
    assert not found.is_given


def test_several_families_teach_by_their_mixture() -> None:
    found = of(["linear", "tfidf-nb"], "settings=linear.bits=12")
    assert found is not None
    assert found.name == "ensemble"
    assert found.params.trained()["linear"] == LinearParams(bits=12)
    assert list(found.params.trained()) == ["linear", "tfidf-nb"]


def test_a_bundle_teaches_on_texts_without_label_alone(tmp_path: Path) -> None:
    found = of(tmp_path, "trust=true", unlabelled="more.csv")
    assert found is not None
    assert (found.name, found.params, found.is_given) == (str(tmp_path), Given(trust=True), True)
    words = of(tmp_path, words=True)
    assert words is not None
    assert words.words
    with pytest.raises(ConfigError, match="has learnt the train rows") as caught:
        of(tmp_path)
    assert "--unlabelled FILE" in caught.value.remedy


def test_nobody_is_asked_for_and_nothing_is_missed() -> None:
    assert of(None) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"share": 0.5}, "--teacher-share"),
        ({"unlabelled": "more.csv"}, "--unlabelled"),
        ({"settings": ["C=1"]}, "--set teacher"),
        ({"words": True}, "--teacher-words"),
    ],
)
def test_options_for_a_teacher_want_one(change: dict[str, Any], named: str) -> None:
    settings = change.pop("settings", [])
    with pytest.raises(ConfigError, match=f"There is no teacher, but there are .*{named}"):
        of(None, *settings, **change)


def test_a_family_that_cannot_be_taught_names_those_that_can() -> None:
    with pytest.raises(ConfigError, match="Family linear cannot be taught") as caught:
        of("hybrid", students=["static", "linear"])
    assert caught.value.remedy == "Families that can: hybrid, static."


@pytest.mark.parametrize("name", ["linaer", "runs/gone/bundle"])
def test_a_teacher_that_is_nowhere_is_said_to_be_neither(name: str) -> None:
    with pytest.raises(UnknownFamilyError, match=f"neither a family '{name}' nor a bundle"):
        of(name)


@pytest.mark.parametrize(
    ("teacher", "settings", "said"),
    [
        ("linear", ["C=-1"], "C is -1"),
        ("linear", ["epochs=3"], "has a setting 'epochs'"),
        ("ensemble", ["bundles=a,b", "trust=true"], "cannot hold bundles"),
        (["linear", "linear"], [], "members of the ensemble"),
    ],
)
def test_what_cannot_be_is_refused(teacher: Any, settings: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        of(teacher, *settings)


def test_a_share_out_of_range_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"share is 1\.5"):
        of("linear", share=1.5)


def test_settings_of_the_teacher_are_told_by_their_prefix() -> None:
    given = ["epochs=3", "teacher.C=0.3", " teacher.settings=linear.C=1"]
    assert parted(given) == (["epochs=3"], ["C=0.3", "settings=linear.C=1"])
