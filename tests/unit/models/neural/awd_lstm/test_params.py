from __future__ import annotations

from typing import Any

import pytest

from newsdesk import config
from newsdesk.errors import ConfigError
from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams

DROPOUTS = [f"{part}_dropout" for part in ("embedding", "input", "weight", "hidden", "output")]
LIMITS = [
    *[(name, 0, 1, 4096, 4097) for name in ("embedding_dim", "units")],
    ("layers", 0, 1, 4, 5),
    ("window", 1, 2, 1000, 1001),
    ("rate_decay", 0.9, 1, 10, 10.1),
    *[(name, -0.1, 0, 0.99, 1) for name in DROPOUTS],
]


@pytest.mark.parametrize(("name", "below", "least", "most", "above"), LIMITS)
def test_settings_have_bounds(name: str, below: Any, least: Any, most: Any, above: Any) -> None:
    for value in (least, most):
        assert getattr(AwdLstmParams(**{name: value}), name) == value
    for value in (below, above):
        with pytest.raises(ConfigError, match=f"{name} is {value}"):
            AwdLstmParams(**{name: value})


def test_the_sizes_are_those_of_the_settings() -> None:
    params = AwdLstmParams(embedding_dim=3, units=4, layers=1, direction="backward")
    assert params.architecture == AwdLstmArchitecture(3, 4, 1, "backward")


@pytest.mark.parametrize("preset", AwdLstmParams.PRESETS)
def test_presets_are_settings(preset: str) -> None:
    params = config.override(AwdLstmParams(), [f"preset={preset}"], where="here")
    for name, value in AwdLstmParams.PRESETS[preset].items():
        assert getattr(params, name) == value


def test_the_paper_s_preset_is_the_paper_s() -> None:
    # Merity et al. 2018, section 4.1, and Howard & Ruder 2018, section 4.1.
    paper = AwdLstmParams(**AwdLstmParams.PRESETS["paper"])
    assert (paper.embedding_dim, paper.units, paper.layers, paper.window) == (400, 1152, 3, 70)
    assert paper.n_samples == 0
    assert paper.rate_decay == 2.6
    assert paper.schedule == "slanted-triangular"
