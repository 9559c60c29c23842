from __future__ import annotations

import numpy as np
import pytest

from newsdesk.config import override
from newsdesk.errors import ConfigError
from newsdesk.models.linear import LinearParams


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("word_ngrams", (0, 1)),
        ("word_ngrams", (2, 1)),
        ("word_ngrams", (1, 6)),
        ("char_ngrams", (2, 4)),
        ("char_ngrams", (5, 4)),
        ("char_ngrams", (3, 9)),
        ("field_weight", 0.0),
        ("field_weight", float("nan")),
        ("char_weight", -1.0),
        ("char_weight", 11.0),
        ("bits", 9),
        ("bits", 25),
        ("min_df", 0),
        ("C", 0.0),
        ("C", float("inf")),
        ("C", float("nan")),
        ("tol", 0.0),
        ("tol", 1.1),
        ("max_epochs", 0),
    ],
)
def test_a_setting_out_of_range_is_refused_with_what_is_allowed(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} is .*, allowed is") as caught:
        LinearParams(**{name: value})  # type: ignore[arg-type]
    assert caught.value.remedy == f"Set {name} within that range."


def test_settings_come_from_the_command_line_and_keep_their_ranges() -> None:
    pairs = ["C=0.3", "char_ngrams=[4,5]", "fields=apart", "class_weight=balanced"]
    params = override(LinearParams(), pairs, where="linear")
    expected = LinearParams(C=0.3, char_ngrams=(4, 5), fields="apart", class_weight="balanced")
    assert params == expected
    assert override(params, ["char_ngrams=null"], where="linear").char_ngrams is None
    for pair in ("C=-1", "C=inf", "bits=30", "loss=huber", "epochs=3"):
        with pytest.raises(ConfigError):
            override(LinearParams(), [pair], where="linear")


@pytest.mark.parametrize(
    ("fields", "n_fields", "n_apart"),
    [
        ("together", 3, 0),
        ("first", 3, 1),
        ("apart", 3, 3),
        ("first", 1, 0),
        ("apart", 1, 0),
    ],
)
def test_fields_are_hashed_apart_as_asked(fields: str, n_fields: int, n_apart: int) -> None:
    params = LinearParams(fields=fields, bits=12, word_ngrams=(1, 3))  # type: ignore[arg-type]
    hasher = params.hasher(n_fields)
    assert (hasher.n_apart, hasher.bits, hasher.word_ngrams) == (n_apart, 12, (1, 3))


def test_every_block_has_its_weight() -> None:
    params = LinearParams(field_weight=0.5, char_weight=0.25, fields="apart", char_ngrams=(3, 4))
    hasher = params.hasher(2)
    assert params.block_weights(hasher) == (1.0, 0.5, 0.5, 0.25, 0.125, 0.125)
    assert len(params.block_weights(hasher)) == hasher.n_blocks
    assert LinearParams().block_weights(LinearParams().hasher(1)) == (1.0,)


def test_more_slots_than_memory_should_hold_are_refused_before_they_are_made() -> None:
    params = LinearParams(fields="apart")
    assert params.hasher(60).n_blocks == 61
    with pytest.raises(ConfigError, match="bits is 22"):
        params.hasher(1_000_000_000)


def test_costs_are_all_one_or_balance_the_classes() -> None:
    y = np.array([0, 0, 0, 1, 1, 2])
    assert (LinearParams().costs(y, 3) == 1).all()
    balanced = LinearParams(class_weight="balanced").costs(y, 3)
    assert balanced[0] == pytest.approx([6 / 9, 6 / 6, 6 / 3])
    assert (balanced[1] == 1).all()


def test_costs_of_two_classes_are_those_of_the_one_column() -> None:
    y = np.array([0, 0, 0, 1])
    costs = LinearParams(class_weight="balanced").costs(y, 2)
    assert costs[:, 0] == pytest.approx([4 / 2, 4 / 6])
