from __future__ import annotations

import itertools

import pytest

from newsdesk.config import override
from newsdesk.errors import ConfigError
from newsdesk.models.neural.lstm import LstmParams

BBC = LstmParams(**LstmParams.PRESETS["bbc-bilstm"])


@pytest.mark.parametrize("preset", LstmParams.PRESETS)
def test_every_preset_is_a_setting_that_the_family_takes(preset: str) -> None:
    found = override(LstmParams(), [f"preset={preset}"], where="Family lstm")
    assert found == LstmParams(**LstmParams.PRESETS[preset])


def test_the_published_network_of_bbc_has_its_published_settings() -> None:
    assert (BBC.vocab_size, BBC.embedding_dim, BBC.units, BBC.hidden) == (5000, 64, 64, (64,))
    assert (BBC.max_tokens, BBC.padding, BBC.masking, BBC.pooling) == (200, "post", False, "last")
    assert (BBC.optimizer, BBC.epochs, BBC.keep, BBC.patience) == ("adam", 10, "last", 0)
    assert BBC.bidirectional
    assert BBC.dropout == BBC.hidden_dropout == 0.0
    dropout = LstmParams(**LstmParams.PRESETS["bbc-bilstm-dropout"])
    assert dropout.dropout == 0.5


def test_a_setting_wins_over_the_preset_wherever_it_stands() -> None:
    pairs = ["preset=bbc-bilstm", "epochs=1", "units=3"]
    found = {
        override(LstmParams(), order, where="Family lstm")
        for order in itertools.permutations(pairs)
    }
    assert [(params.epochs, params.units, params.vocab_size) for params in found] == [(1, 3, 5000)]


def test_an_unknown_preset_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError) as caught:
        override(LstmParams(), ["preset=bbc-bilstn"], where="Family lstm")
    assert caught.value.problem == "Family lstm: there is no preset 'bbc-bilstn'."
    assert caught.value.remedy == "Did you mean 'bbc-bilstm'?"


@pytest.mark.parametrize("size", [0, 4097])
def test_vectors_of_no_or_too_many_numbers_are_refused(size: int) -> None:
    with pytest.raises(ConfigError, match="embedding_dim"):
        LstmParams(embedding_dim=size)
