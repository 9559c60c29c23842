from __future__ import annotations

import sys

import pytest

from newsdesk.errors import ConfigError, MissingExtraError, UnknownFamilyError
from newsdesk.models.linear.params import LinearParams
from newsdesk.models.prior import PriorParams
from newsdesk.training.settings import family_params


def test_without_settings_every_family_has_its_defaults_in_the_given_order() -> None:
    params = family_params(["prior", "linear"], [])
    assert list(params.items()) == [("prior", PriorParams()), ("linear", LinearParams())]


def test_a_setting_goes_to_the_families_that_know_it() -> None:
    params = family_params(["prior", "linear"], ["C=0.3", " min_df = 1"])
    assert params == {"prior": PriorParams(), "linear": LinearParams(C=0.3, min_df=1)}


@pytest.mark.parametrize(
    ("given", "remedy"),
    [("max_epoch=3", "Did you mean 'max_epochs'?"), ("zzz=1", "Known: C, bits,")],
)
def test_a_setting_that_no_family_knows_is_refused(given: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match="No chosen family has a setting") as caught:
        family_params(["linear", "prior"], [given])
    assert caught.value.remedy.startswith(remedy)


def test_a_preset_within_a_setting_reaches_it() -> None:
    found = family_params(["ulmfit", "linear"], ["pretraining.preset=base"])
    assert found["ulmfit"].pretraining.units == 640


@pytest.mark.parametrize("given", ["units=3", "pretraining.unit=3"])
def test_a_setting_within_a_setting_is_suggested_with_its_dot(given: str) -> None:
    with pytest.raises(ConfigError, match="No chosen family has a setting") as caught:
        family_params(["ulmfit", "linear"], [given])
    assert caught.value.remedy == "Did you mean 'pretraining.units'?"


@pytest.mark.parametrize("pair", ["C", "C=high", "C=-1", "bits=99"])
def test_a_value_that_cannot_be_is_refused_with_the_family(pair: str) -> None:
    with pytest.raises(ConfigError, match="Family linear"):
        family_params(["linear"], [pair])


@pytest.mark.parametrize("names", [[], ["linear", "prior", "linear"]], ids=["none", "twice"])
def test_each_family_is_named_once(names: list[str]) -> None:
    with pytest.raises(ConfigError, match="Families are"):
        family_params(names, [])


def test_an_unknown_family_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownFamilyError, match="'linaer'") as caught:
        family_params(["linaer"], [])
    assert caught.value.remedy == "Did you mean 'linear'?"


def test_a_family_that_cannot_be_trained_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match="torch is not installed"):
        family_params(["linear", "lstm"], [])


def test_members_of_an_ensemble_have_to_be_there_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    family_params(["ensemble"], ["members=linear,prior"])
    with pytest.raises(MissingExtraError, match="torch is not installed"):
        family_params(["ensemble"], ["members=linear,lstm"])


def test_a_preset_goes_to_the_family_that_has_it() -> None:
    params = family_params(["linear", "lstm"], ["epochs=3", "preset=bbc-bilstm"])
    assert (params["lstm"].epochs, params["lstm"].vocab_size) == (3, 5000)
    assert params["linear"] == LinearParams()
