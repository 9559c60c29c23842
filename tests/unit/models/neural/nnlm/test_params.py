from __future__ import annotations

from typing import Any

import pytest

from newsdesk.config import override
from newsdesk.errors import ConfigError
from newsdesk.models.neural.nnlm.params import NnlmParams


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("window", 1), ("window", 21), ("embedding_dim", 0), ("units", 0), ("units", 5000)],
        *[("n_buckets", -1), ("n_buckets", 2_000_000), ("dropout", 1.0), ("vocab_size", 2)],
    ],
)
def test_settings_out_of_range_are_refused(name: str, value: float) -> None:
    wrong: dict[str, Any] = {name: value}
    with pytest.raises(ConfigError, match=name):
        NnlmParams(**wrong)


@pytest.mark.parametrize("name", NnlmParams.PRESETS)
def test_every_preset_can_be_asked_for(name: str) -> None:
    found = override(NnlmParams(), [f"preset={name}", "epochs=2"], where="nnlm")
    assert found.epochs == 2
    assert found.embedding_dim == 128


def test_the_published_network_has_the_published_sizes() -> None:
    found = override(NnlmParams(), ["preset=paper"], where="nnlm")
    assert (found.window, found.units, found.vocab_size, found.min_count) == (5, 100, 16383, 4)
    assert found.n_samples == 0  # a full softmax
