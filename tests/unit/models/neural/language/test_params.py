from __future__ import annotations

from typing import Any

import pytest

from newsdesk.errors import ConfigError
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.language.params import PretrainParams

LIMITS = [
    ("n_samples", -1, 0, 1_000_000, 1_000_001),
    ("held_out", 0.0009, 0.001, 0.5, 0.51),
    ("vocab_size", 2, 3, 2_000_000, 2_000_001),
    ("min_count", 0, 1, 10**6, None),
]


class Trial(PretrainParams):
    """Settings of no kind in particular."""

    family = "trial"


@pytest.mark.parametrize(("name", "below", "least", "most", "above"), LIMITS)
def test_settings_have_bounds(name: str, below: Any, least: Any, most: Any, above: Any) -> None:
    for value in (least, most):
        assert getattr(Trial(**{name: value}), name) == value
    for value in (below, above):
        if value is not None:
            with pytest.raises(ConfigError, match=f"{name} is {value}"):
                Trial(**{name: value})


def test_the_settings_of_the_loop_are_checked_too() -> None:
    with pytest.raises(ConfigError, match="Language model trial: epochs is 0"):
        Trial(epochs=0)


def test_a_language_model_knows_no_classes() -> None:
    for name in ("monitor", "class_weight", "label_smoothing", "focal_gamma"):
        assert not hasattr(Trial(), name)


def test_the_settings_of_a_kind_are_told_before_those_that_all_share() -> None:
    words = AwdLstmParams.__doc__ or ""
    assert words.index("rate_decay :") < words.index("n_samples :") < words.index("optimizer :")
