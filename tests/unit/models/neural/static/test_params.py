from __future__ import annotations

from typing import Any

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.static import StaticParams


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("dims", 0), ("dims", 4097), ("vocab_size", 1), ("vocab_size", 2_000_001)],
        *[("min_count", 0), ("pairs", -1), ("pairs", 2_000_001), ("pair_min_count", 0)],
        *[("max_tokens", 0), ("dropout", 1.0), ("vector_dropout", -0.1), ("encoder", "")],
    ],
)
def test_settings_out_of_range_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"Family static: {name} is"):
        StaticParams(**{name: value})


def test_words_are_encoded_whole() -> None:
    encoding = StaticParams(encoder="here", encoder_precision="float32").encoding
    assert (encoding.encoder, encoding.precision, encoding.max_tokens) == ("here", "float32", None)
