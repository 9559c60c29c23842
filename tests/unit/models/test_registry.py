from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from newsdesk.errors import FamilyError, MissingExtraError, UnknownFamilyError
from newsdesk.models import registry
from newsdesk.models.linear import Linear, LinearParams
from newsdesk.models.registry import Family
from newsdesk.types import LabelSet

OUTSIDE = Family("outside", "newsdesk.models.prior:Prior", "A family of another package.")
TAKEN = Family("linear", "newsdesk.models.prior:Prior", "A family with a name that is taken.")
NO_FAMILY = "not a family"


@pytest.fixture(autouse=True)
def fresh_table() -> Iterator[None]:
    registry.families.cache_clear()
    yield
    registry.families.cache_clear()


def offer(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let another package offer an object of this module as a family."""
    entry = EntryPoint("theirs", f"{__name__}:{name}", "newsdesk.families")
    monkeypatch.setattr(EntryPoint, "load", lambda _self: globals()[name])
    monkeypatch.setattr(registry, "entry_points", lambda **_group: EntryPoints([entry]))


def test_every_family_of_the_table_can_be_loaded() -> None:
    for name, family in registry.families().items():
        assert family.name == name
        assert family.summary.endswith(".")
        assert family.load().output in {"margins", "logits"}


def test_the_default_comes_first() -> None:
    assert next(iter(registry.families())) == "linear"


def test_a_family_makes_a_classifier_with_its_params() -> None:
    classifier = registry.find("linear").create(LinearParams(C=0.1))
    assert isinstance(classifier, Linear)
    assert classifier.params.C == 0.1
    assert isinstance(registry.find("linear").create(), Linear)


class Called(Linear):
    names: tuple[str, ...] = ()

    def name_classes(self, names: tuple[str, ...]) -> None:
        self.names = names


def test_names_of_classes_are_told_to_families_that_go_by_them_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    family = OUTSIDE
    monkeypatch.setattr(Family, "load", lambda _self: Called)
    assert family.create(labels=LabelSet("AB")).names == ("A", "B")  # type: ignore[attr-defined]
    assert family.create().names == ()  # type: ignore[attr-defined]
    monkeypatch.undo()
    assert not hasattr(registry.find("linear").create(labels=LabelSet("AB")), "names")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownFamilyError) as caught:
        registry.find("liner")
    assert str(caught.value) == "There is no family 'liner'. Did you mean 'linear'?"


def test_a_family_without_its_library_names_the_extra() -> None:
    family = Family("neural", "no_such_library.room:Model", "A network.", extra="torch")
    with pytest.raises(MissingExtraError, match=r"newsdesk\[torch\]"):
        family.create()


def test_a_family_whose_training_lacks_a_library_can_still_be_loaded() -> None:
    family = replace(OUTSIDE, extra="torch", library="no_such_library")
    family.load()
    with pytest.raises(MissingExtraError, match="no_such_library"):
        family.require()


def test_another_package_can_offer_a_family(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "OUTSIDE")
    assert registry.find("outside") is OUTSIDE
    assert list(registry.families())[-1] == "outside"


def test_another_package_cannot_take_a_name_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "TAKEN")
    with pytest.raises(FamilyError, match="offers family 'linear', which exists"):
        registry.families()


def test_an_entry_point_that_is_no_family_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "NO_FAMILY")
    with pytest.raises(FamilyError, match=r"Entry point 'theirs' .* is no Family"):
        registry.families()
