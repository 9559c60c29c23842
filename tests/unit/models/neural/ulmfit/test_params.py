from __future__ import annotations

from typing import Any

import pytest

from newsdesk import config
from newsdesk.errors import ConfigError
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.ulmfit.params import UlmfitParams

DROPOUTS = [f"{part}_dropout" for part in ("embedding", "weight", "layer", "hidden")]
LIMITS = [
    ("rate_decay", 0.9, 1, 10, 10.1),
    ("window", 1, 2, 10_000, 10_001),
    ("vocab_size", 2, 3, 2_000_000, 2_000_001),
    *[(name, -0.1, 0, 0.99, 1) for name in [*DROPOUTS, "dropout"]],
]


@pytest.mark.parametrize(("name", "below", "least", "most", "above"), LIMITS)
def test_settings_have_bounds(name: str, below: Any, least: Any, most: Any, above: Any) -> None:
    for value in (least, most):
        assert getattr(UlmfitParams(**{name: value}), name) == value
    for value in (below, above):
        with pytest.raises(ConfigError, match=f"{name} is {value}"):
            UlmfitParams(**{name: value})


def test_settings_of_the_language_model_are_set_within_those_of_the_family() -> None:
    pairs = ["pretraining.epochs=3", "epochs=2", "pretraining.layers=1"]
    found = config.override(UlmfitParams(), pairs, where="here")
    assert found == UlmfitParams(epochs=2, pretraining=AwdLstmParams(epochs=3, layers=1))
    with pytest.raises(ConfigError, match="layers is 9"):
        config.override(UlmfitParams(), ["pretraining.layers=9"], where="here")
    with pytest.raises(ConfigError) as caught:
        config.override(UlmfitParams(), ["pretraining.layer=1"], where="here")
    assert caught.value.remedy == "Did you mean 'layers'?"


@pytest.mark.parametrize("preset", UlmfitParams.PRESETS)
def test_presets_set_the_language_model_too_and_pairs_win(preset: str) -> None:
    pairs = ["pretraining.epochs=3", f"preset={preset}"]
    found = config.override(UlmfitParams(), pairs, where="here")
    own = AwdLstmParams.PRESETS[preset] | {"epochs": 3}
    assert found.pretraining == AwdLstmParams(**own)
    for name, value in UlmfitParams.PRESETS[preset].items():
        if name != "pretraining":
            assert getattr(found, name) == value


def test_the_paper_s_preset_is_the_paper_s() -> None:
    # Howard & Ruder 2018, section 4.1: AWD-LSTM dropouts 0.4, 0.3, 0.4, 0.05 and 0.5, a hidden
    # layer of 50, betas of 0.7 and 0.99.
    found = config.override(UlmfitParams(), ["preset=paper"], where="here")
    assert (found.dropout, found.layer_dropout, found.hidden_dropout) == (0.4, 0.3, 0.4)
    assert (found.embedding_dropout, found.weight_dropout) == (0.05, 0.5)
    assert (found.hidden, found.betas, found.window) == ((50,), (0.7, 0.99), 70)
    assert (found.rate_decay, found.schedule) == (2.6, "slanted-triangular")
    assert found.pretraining.units == 1152


@pytest.mark.parametrize(("name", "value"), [("stop_words", "en"), ("masking", False)])
def test_what_a_language_model_cannot_leave_out_or_fill_up_is_refused(
    name: str, value: Any
) -> None:
    with pytest.raises(ConfigError, match=f"{name} is {value}"):
        UlmfitParams(**{name: value})
