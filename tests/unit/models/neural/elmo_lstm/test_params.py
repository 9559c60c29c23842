from __future__ import annotations

from typing import Any

import pytest

from newsdesk.config import override
from newsdesk.errors import ConfigError
from newsdesk.models.neural.elmo_lstm.params import ElmoLstmParams


@pytest.mark.parametrize(
    "settings",
    [
        {"max_tokens": 0},
        {"units": 0},
        {"layers": 5},
        {"dropout": 1.0},
        {"recurrent_dropout": -0.1},
        {"hidden_dropout": 1.5},
        {"hidden": (0,)},
    ],
    ids=str,
)
def test_a_setting_out_of_its_range_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"elmo-lstm: {next(iter(settings))}"):
        ElmoLstmParams(**settings)


def test_settings_of_the_language_model_stand_within() -> None:
    pairs = ["preset=base", "pretraining.epochs=7", "units=9"]
    found = override(ElmoLstmParams(), pairs, where="Family elmo-lstm")
    assert found.pretraining.epochs == 7
    assert found.pretraining.units == 1024
    assert found.network.units == 9
