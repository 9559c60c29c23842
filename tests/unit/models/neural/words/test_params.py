from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from newsdesk.cli.families import described
from newsdesk.errors import ConfigError
from newsdesk.models import registry
from newsdesk.models.neural.lstm import LstmParams

FAMILIES = ["lstm", "cnn-text", "lstm-vectors", "vectors-mean"]


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ({"vocab_size": 1}, "2 to 2,000,000"),
        ({"vocab_size": 2_000_001}, "2 to 2,000,000"),
        ({"min_count": 0}, "1 or more"),
        ({"max_tokens": 0}, "1 to 100,000"),
        ({"max_tokens": 100_001}, "1 to 100,000"),
        ({"dropout": 1.0}, "0 up to below 1"),
        ({"hidden_dropout": -0.1}, "0 up to below 1"),
        ({"hidden": (0,)}, "none or up to five layers of 1 to 4,096 units"),
        ({"hidden": (8,) * 6}, "none or up to five layers of 1 to 4,096 units"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(setting: dict[str, Any], allowed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        LstmParams(**setting)
    (name,) = setting
    assert f"Family lstm: {name} is " in caught.value.problem
    assert allowed in caught.value.problem


def test_the_ends_of_the_ranges_are_taken() -> None:
    LstmParams(vocab_size=2, max_tokens=1, dropout=0.0, hidden=(1,) * 5)
    LstmParams(vocab_size=2_000_000, max_tokens=100_000, dropout=0.99, hidden=(4096,))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_help_of_a_family_explains_its_own_settings_and_those_it_inherits(family: str) -> None:
    params = registry.find(family).load().Params
    meanings = described(params.__doc__ or "")
    assert set(meanings) == {field.name for field in dataclasses.fields(params)}
    assert all(meanings.values())
