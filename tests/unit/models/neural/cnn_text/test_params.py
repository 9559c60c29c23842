from __future__ import annotations

from typing import Any

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.cnn_text import CnnParams


@pytest.mark.parametrize(
    "setting",
    [
        {"widths": ()},
        {"widths": (0,)},
        {"widths": (21,)},
        {"widths": (3, 3)},
        {"widths": tuple(range(1, 10))},
        {"filters": 0},
        {"filters": 4097},
        {"embedding_dim": 0},
    ],
)
def test_settings_out_of_range_are_refused_by_name(setting: dict[str, Any]) -> None:
    (name,) = setting
    with pytest.raises(ConfigError, match=f"Family cnn-text: {name} is "):
        CnnParams(**setting)


def test_the_ends_of_the_ranges_are_taken() -> None:
    CnnParams(widths=(20, 1), filters=1)
    CnnParams(widths=tuple(range(1, 9)), filters=4096)
