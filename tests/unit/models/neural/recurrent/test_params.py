from __future__ import annotations

from typing import Any

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.lstm import LstmParams
from newsdesk.models.neural.lstm_vectors import LstmVectorsParams


@pytest.mark.parametrize("cls", [LstmParams, LstmVectorsParams])
@pytest.mark.parametrize(
    "setting",
    [{"units": 0}, {"units": 2049}, {"layers": 0}, {"layers": 5}, {"recurrent_dropout": 1.0}],
)
def test_settings_out_of_range_are_refused_by_name(cls: type[Any], setting: dict[str, Any]) -> None:
    (name,) = setting
    with pytest.raises(ConfigError, match=f"Family {cls.family}: {name} is {setting[name]}"):
        cls(**setting)


def test_the_ends_of_the_ranges_are_taken() -> None:
    LstmParams(units=1, layers=1, recurrent_dropout=0.0)
    LstmParams(units=2048, layers=4, recurrent_dropout=0.99)
