from __future__ import annotations

import pytest

from newsdesk.bundle import (
    default_params,
    given_bundles,
    plan,
    reader,
    refits,
    require,
    require_teachable,
    trains_in_epochs,
    warm_up,
)
from newsdesk.bundle.ensemble import EnsembleParams
from newsdesk.errors import ConfigError, MissingExtraError, UnknownFamilyError
from newsdesk.models.linear import LinearParams
from newsdesk.models.registry import Family
from newsdesk.types import Documents


def test_the_settings_of_a_family_are_known_by_its_name() -> None:
    assert default_params("linear") == LinearParams()
    with pytest.raises(UnknownFamilyError, match="liner"):
        default_params("liner")


def test_the_memory_of_a_fit_is_known_where_the_family_tells() -> None:
    documents = Documents.from_texts(["bank rates"] * 50)
    small = plan("linear", LinearParams(bits=10), documents, 3)
    large = plan("linear", LinearParams(bits=20), documents, 3)
    assert small is not None
    assert large is not None
    assert 0 < small < large
    assert plan("prior", None, documents, 3) is None


@pytest.mark.parametrize("family", ["linear", "prior"])
def test_warming_up_tells_its_seconds(family: str) -> None:
    assert warm_up(family) >= 0


def test_families_that_train_in_epochs_are_known() -> None:
    assert trains_in_epochs("lstm")
    assert not trains_in_epochs("linear")


def test_a_family_that_is_not_there_cannot_be_required() -> None:
    require("linear")
    with pytest.raises(UnknownFamilyError):
        require("linaer")


def test_a_family_that_remembers_texts_is_known() -> None:
    assert reader("embedding", None) is not None
    assert reader("linear", None) is None


def mixed(*members: str, **more: tuple[str, ...]) -> EnsembleParams:
    """Settings of an ensemble."""
    return EnsembleParams(members=members, **more)  # type: ignore[arg-type]


def test_an_ensemble_takes_the_memory_of_the_largest_of_its_members() -> None:
    documents = Documents.from_texts(["bank rates"] * 50)
    alone = [plan("linear", LinearParams(bits=bits), documents, 3) for bits in (10, 20)]
    for own, bits in zip(alone, (10, 20), strict=True):
        params = mixed("linear", "prior", settings=(f"linear.bits={bits}",))
        assert plan("ensemble", params, documents, 3) == own
    assert plan("ensemble", mixed(bundles=("a", "b")), documents, 3) is None


def test_an_ensemble_is_what_its_members_are() -> None:
    assert trains_in_epochs("ensemble", mixed("linear", "lstm"))
    assert not trains_in_epochs("ensemble", mixed("linear", "prior"))
    assert refits("ensemble", None, mixed("linear", "lstm"))
    assert not refits("ensemble", None, mixed("cnn-text", "lstm"))
    assert refits("ensemble", True, mixed("cnn-text", "lstm"))
    assert not refits("ensemble", True, mixed(bundles=("a", "b")))
    assert warm_up("ensemble", mixed("linear", "prior")) >= 0


def test_only_an_ensemble_is_given_bundles() -> None:
    assert given_bundles("ensemble", mixed(bundles=("a", "b"))) == ("a", "b")
    assert given_bundles("linear", LinearParams()) == ()


@pytest.mark.parametrize("family", ["static", "hybrid"])
def test_families_that_can_be_taught_are_known(family: str) -> None:
    require_teachable(family)


@pytest.mark.parametrize("family", ["linear", "ensemble", "lstm", "transformer"])
def test_other_families_name_those_that_can(family: str) -> None:
    with pytest.raises(ConfigError, match=f"Family {family} cannot be taught") as caught:
        require_teachable(family)
    assert caught.value.remedy == "Families that can: hybrid, static."


def test_a_family_that_is_not_installed_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    load = Family.load

    def without_static(self: Family) -> object:
        if self.name == "static":
            raise MissingExtraError("No torch.", remedy="Install it.")
        return load(self)

    monkeypatch.setattr(Family, "load", without_static)
    with pytest.raises(ConfigError) as caught:
        require_teachable("linear")
    assert caught.value.remedy == "Families that can: hybrid."
