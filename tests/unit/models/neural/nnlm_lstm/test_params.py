from __future__ import annotations

import pytest

from newsdesk.config import override
from newsdesk.errors import ConfigError
from newsdesk.models.neural.nnlm_lstm import NnlmLstmParams


def test_words_are_not_counted_once_more() -> None:
    with pytest.raises(ConfigError, match="Family nnlm-lstm: min_count"):
        NnlmLstmParams(min_count=2)


def test_the_published_network_is_a_preset() -> None:
    params = override(NnlmLstmParams(), ["preset=published"], where="here")
    assert (params.layers, params.bidirectional, params.pooling) == (1, False, "last")
    assert len(params.hidden) + 1 == 3  # dense layers, the outputs among them
    assert (params.batch_size, params.epochs, params.learning_rate) == (64, 10, 1e-3)
