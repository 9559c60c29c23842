from __future__ import annotations

from typing import Any

import msgspec
import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.transformer.params import TransformerParams


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_tokens": 7},
        {"max_tokens": 8193},
        {"stride": -1},
        {"stride": 4097},
        {"max_windows": 0},
        {"max_windows": 1001},
        {"dropout": 1.0},
        {"head_dropout": -0.1},
        {"layer_decay": 0.0},
        {"layer_decay": 1.1},
        {"frozen_layers": -1},
        {"learning_rate": 0.0},
    ],
    ids=str,
)
def test_a_setting_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ConfigError, match=f"Family transformer: {name} is .*, allowed is"):
        TransformerParams(**wrong)


def test_the_ends_of_the_ranges_are_allowed() -> None:
    TransformerParams(max_tokens=8, stride=0, max_windows=1, layer_decay=1.0)
    TransformerParams(max_tokens=8192, stride=4096, max_windows=1000, layer_decay=0.01)


def test_what_a_study_varies_by_default_can_be_set() -> None:
    for name, values in TransformerParams.FACTORS.items():
        for value in values:
            assert getattr(TransformerParams(**{name: value}), name) == value


def test_settings_come_back_from_json() -> None:
    params = TransformerParams(encoder="mine", accumulate=2, pooling="cls")
    assert msgspec.json.decode(msgspec.json.encode(params), type=TransformerParams) == params
