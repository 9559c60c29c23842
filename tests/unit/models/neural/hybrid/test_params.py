from __future__ import annotations

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.encoders.settings import Encoding
from newsdesk.models.neural.hybrid.params import HybridParams


def test_the_encoder_is_named_by_the_settings() -> None:
    params = HybridParams(encoder="a", encoder_precision="float32", max_tokens=40)
    assert params.encoding == Encoding("a", "float32", 40)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("max_tokens", 2),
        ("encoder", ""),
        ("vector_weight", 0.0),
        ("layer_epochs", 0),
        ("hidden", (0,)),
        ("C", 0.0),
    ],
)
def test_settings_out_of_range_are_named(setting: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"hybrid: {setting} is"):
        HybridParams(**{setting: value})  # type: ignore[arg-type]
