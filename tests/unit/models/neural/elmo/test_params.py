from __future__ import annotations

from typing import Any

import pytest

from newsdesk.config import override
from newsdesk.errors import ConfigError
from newsdesk.models.neural.elmo.params import ElmoParams


@pytest.mark.parametrize(
    "settings",
    [
        {"filters": ()},
        {"filters": ((0, 4),)},
        {"filters": ((11, 4),)},
        {"highways": 5},
        {"projection_dim": 0},
        {"units": 0},
        {"layers": 0},
        {"longest_word": 11},
        {"cell_clip": -1.0},
        {"dropout": 1.0},
        {"window": 1},
        {"character_dim": 0},
    ],
    ids=str,
)
def test_a_setting_out_of_its_range_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"elmo: {next(iter(settings))}"):
        ElmoParams(**settings)


def test_the_preset_of_the_paper_has_the_published_sizes() -> None:
    params = override(ElmoParams(), ["preset=paper"], where="elmo")
    architecture = params.architecture
    assert architecture.n_filters == 2048
    assert (architecture.projection_dim, architecture.units) == (512, 4096)
    n_weights = 0
    for shape in architecture.shapes(0).values():
        n = 1
        for size in shape:
            n *= size or 0
        n_weights += n
    # 93.6 million, as allennlp.org said of the original model.
    assert n_weights == pytest.approx(93.6e6, rel=1e-3)


def test_the_preset_small_is_the_default() -> None:
    assert override(ElmoParams(), ["preset=small"], where="elmo") == ElmoParams()
