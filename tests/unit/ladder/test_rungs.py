from __future__ import annotations

import pytest

from newsdesk import bundle as door
from newsdesk.errors import MissingExtraError
from newsdesk.ladder.rungs import of_its_kind, rungs


def test_named_families_go_from_cheap_to_dear_and_unknown_ones_come_last() -> None:
    named = ["mine", "hybrid", "linear", "yours", "prior"]
    assert rungs(named) == ["prior", "linear", "hybrid", "mine", "yours"]


def test_unasked_what_is_installed_is_climbed(monkeypatch: pytest.MonkeyPatch) -> None:
    def require(name: str) -> None:
        if name not in ("prior", "linear"):
            raise MissingExtraError(f"{name} is not installed.", remedy="Install it.")

    monkeypatch.setattr(door, "require", require)
    assert rungs(None) == ["prior", "linear"]


def test_a_family_that_does_not_exist_yet_is_no_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsdesk.ladder.rungs._CLIMBED", ("prior", "ninth-wonder"))
    assert rungs(None) == ["prior"]


def test_families_are_of_a_kind_that_know_texts_by_the_same_things() -> None:
    assert "transformer" in of_its_kind("hybrid")
    assert "static" not in of_its_kind("hybrid")
    assert "tfidf-nb" in of_its_kind("linear")
    assert "hybrid" not in of_its_kind("linear")
    assert all(name in of_its_kind(name) for name in rungs(None))
