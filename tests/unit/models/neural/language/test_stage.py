from __future__ import annotations

import math

import pytest

from newsdesk.models.history import Epoch, History
from newsdesk.models.neural.language.stage import stage_of


def epoch(number: int, valid_loss: float | None, seconds: float = 2.0) -> Epoch:
    return Epoch(number, 10 * number, 5.5, None, valid_loss, None, None, 1e-3, seconds)


def test_each_epoch_has_its_perplexity_and_its_speed() -> None:
    history = History((epoch(1, math.log(400)), epoch(2, math.log(300))), 2)
    stage = stage_of(history, "Language model", 5000, 1234.4)
    assert stage.title == "Language model"
    assert [dict(zip(stage.columns, row, strict=True)) for row in stage.rows] == [
        {
            "epoch": number,
            "held-out perplexity": pytest.approx(perplexity),
            "train loss": 5.5,
            "learning rate": 1e-3,
            "words per second": 2500,
            "seconds": 2.0,
        }
        for number, perplexity in ((1, 400), (2, 300))
    ]
    assert stage.notes == (
        "Epoch 2 was kept.",
        "A model that knows only how frequent words are has 1,234.",
    )


def test_without_held_out_text_there_is_no_perplexity() -> None:
    stage = stage_of(History((epoch(1, None),), 1), "Language model", 50, None)
    assert stage.rows[0][1] is None
    assert len(stage.notes) == 1


def test_a_loss_that_is_far_too_high_and_no_time_at_all_are_told_as_well() -> None:
    stage = stage_of(History((epoch(1, 5000.0, 0.0),), 1), "Language model", 50, None)
    assert all(math.isfinite(cell) for cell in stage.rows[0] if isinstance(cell, float))
