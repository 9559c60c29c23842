from __future__ import annotations

from typing import Any

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.embedding.params import EmbeddingParams


@pytest.mark.parametrize(
    ("setting", "value"),
    [("dropout", 1.0), ("hidden_dropout", -0.1), ("hidden", (0,)), ("hidden", (1,) * 6)],
)
def test_settings_out_of_range_are_named(setting: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"{setting} is"):
        EmbeddingParams(**{setting: value})
