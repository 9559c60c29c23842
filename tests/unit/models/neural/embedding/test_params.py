from __future__ import annotations

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.embedding.params import EmbeddingParams
from newsdesk.models.neural.encoders.settings import Encoding


def test_the_encoder_is_named_by_the_settings() -> None:
    params = EmbeddingParams(encoder="a", encoder_precision="float32", max_tokens=40)
    assert params.encoding == Encoding("a", "float32", 40)


@pytest.mark.parametrize(("setting", "value"), [("max_tokens", 2), ("encoder", "")])
def test_settings_out_of_range_are_named(setting: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"embedding: {setting} is"):
        EmbeddingParams(**{setting: value})  # type: ignore[arg-type]
