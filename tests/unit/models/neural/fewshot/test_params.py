from __future__ import annotations

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.encoders.settings import Encoding
from newsdesk.models.neural.fewshot.params import FewShotParams


def test_the_encoder_is_tuned_in_floats() -> None:
    assert FewShotParams(encoder="a", max_tokens=40).encoding == Encoding("a", "float32", 40)


def test_the_head_is_a_linear_model_with_settings_of_its_own() -> None:
    params = FewShotParams(head_epochs=7, head_learning_rate=0.1, head_dropout=0.2, keep="last")
    head = params.head
    assert head.hidden == ()
    assert (head.epochs, head.learning_rate, head.keep) == (7, 0.1, "last")
    assert (head.dropout, head.hidden_dropout) == (0.0, 0.2)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("encoder", ""),
        ("max_tokens", 2),
        ("pairs_per_text", 0),
        ("max_texts", 1),
        ("dropout", 1.0),
        ("layer_decay", 0.0),
        ("frozen_layers", -1),
        ("head_epochs", 0),
        ("head_learning_rate", 0.0),
        ("head_dropout", -0.1),
    ],
)
def test_settings_out_of_range_are_named(setting: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"fewshot: {setting} is"):
        FewShotParams(**{setting: value})  # type: ignore[arg-type]
