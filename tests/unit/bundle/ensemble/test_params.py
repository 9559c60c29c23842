from __future__ import annotations

from typing import Any

import pytest

from newsdesk import config
from newsdesk.bundle.ensemble import EnsembleParams
from newsdesk.errors import ConfigError, UnknownFamilyError
from newsdesk.models.linear import LinearParams
from newsdesk.models.prior import PriorParams


def test_members_are_named_as_on_the_command_line() -> None:
    pairs = ["members=linear, prior", "settings=linear.C=0.3,linear.bits=12", "trust=true"]
    params = config.override(EnsembleParams(), pairs, where="here")
    assert params.families == ("linear", "prior")
    assert params.trained() == {"linear": LinearParams(C=0.3, bits=12), "prior": PriorParams()}
    assert params.trust


def test_a_setting_that_is_a_list_takes_the_longer_form() -> None:
    pairs = ["members=linear,prior", 'settings=["linear.char_ngrams=[4,5]"]']
    params = config.override(EnsembleParams(), pairs, where="here")
    assert params.trained()["linear"].char_ngrams == (4, 5)


def test_without_members_two_plain_ones_are_taken_or_the_given_bundles_alone() -> None:
    assert EnsembleParams().families == ("linear", "tfidf-nb")
    assert EnsembleParams(bundles=("a", "b")).families == ()
    both = EnsembleParams(members=("linear",), bundles=("a",))
    assert (both.families, both.bundles) == (("linear",), ("a",))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"members": ("linear",)}, "members of the ensemble are linear"),
        ({"bundles": ("a",)}, "members of the ensemble are a"),
        ({"members": ("linear", "linear")}, "linear, linear"),
        ({"members": ("linear", "ensemble")}, "cannot be a member of an ensemble"),
        ({"settings": ("C=0.3",)}, r"'C=0\.3' is not of the form"),
        ({"settings": ("prior.C=0.3",)}, "is not of the form"),
        ({"settings": ("linear.C",)}, "is not of the form"),
        ({"settings": ("linear.see=0.3",)}, "Member linear: unknown setting 'see'"),
        ({"settings": ("linear.C=-1",)}, "C"),
        ({"bundles": ("a", "b"), "settings": ("linear.C=1",)}, "is not of the form"),
    ],
)
def test_what_cannot_be_mixed_is_refused_with_the_remedy(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        EnsembleParams(**given)
    assert caught.value.remedy


def test_an_unknown_member_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownFamilyError, match="'linaer'") as caught:
        config.override(EnsembleParams(), ["members=linaer,prior"], where="here")
    assert caught.value.remedy == "Did you mean 'linear'?"
