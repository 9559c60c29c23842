from __future__ import annotations

from typing import Any

import pytest

from newsdesk.evaluation.curves import Curves
from newsdesk.evaluation.panels import HEIGHT, MOST_DOTS, WIDTH, panels


def curves(n: int, **changes: Any) -> Curves:
    """Train gets better with every epoch; valid is best in the middle."""
    epochs = range(1, n + 1)
    values: dict[str, Any] = {
        "epochs": tuple(epochs),
        "train_accuracy": tuple(1 - 0.5 / e for e in epochs),
        "valid_accuracy": tuple(0.9 - 0.5 / e for e in epochs),
        "train_loss": tuple(1.5 / e for e in epochs),
        "valid_loss": tuple(0.5 + abs(e - n // 2) / n for e in epochs),
        "chosen": max(n // 2, 1),
    }
    return Curves(**values | changes)


@pytest.mark.parametrize("n", [1, 2, 10, 60, 200, 3000])
def test_every_mark_stands_on_the_plane(n: int) -> None:
    for panel in panels(curves(n)):
        places = [place for line in panel.lines for place in line.points]
        places += [(tick.at, 0) for tick in panel.across] + [(0, tick.at) for tick in panel.down]
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
        assert [len(line.points) for line in panel.lines] == [n, n]


def test_accuracy_stands_before_loss_and_in_percent() -> None:
    accuracy, loss = panels(curves(10))
    assert accuracy.title == "accuracy, %"
    assert [tick.text for tick in accuracy.down] == ["40", "60", "80", "100"]
    assert loss.title == "loss, nats"
    assert [tick.text for tick in loss.down] == ["0.0", "0.5", "1.0", "1.5"]


def test_higher_values_stand_higher() -> None:
    accuracy, loss = panels(curves(10))
    train = [[y for _, y in panel.lines[0].points] for panel in (accuracy, loss)]
    assert train[0] == sorted(train[0], reverse=True)
    assert train[1] == sorted(train[1])
    assert loss.lines[0].points[0][1] == pytest.approx(0)  # 1.5 of 1.5


def test_the_kept_epoch_is_marked_on_the_axis_and_on_both_lines() -> None:
    for panel in panels(curves(9, chosen=5)):
        assert panel.chosen is not None
        assert (panel.chosen.at, panel.chosen.text) == (WIDTH / 2, "kept: epoch 5")
        assert [line.ring for line in panel.lines] == [line.points[4] for line in panel.lines]


def test_no_epoch_is_marked_where_the_first_weights_were_kept() -> None:
    for panel in panels(curves(9, chosen=0)):
        assert panel.chosen is None
        assert [line.ring for line in panel.lines] == [None, None]


def test_a_single_epoch_stands_in_the_middle() -> None:
    for panel in panels(curves(1)):
        assert [(tick.at, tick.text) for tick in panel.across] == [(WIDTH / 2, "1")]
        assert [line.points[0][0] for line in panel.lines] == [WIDTH / 2] * 2
        assert panel.dotted


def test_long_trainings_have_lines_without_dots() -> None:
    assert panels(curves(MOST_DOTS))[0].dotted
    assert not panels(curves(MOST_DOTS + 1))[0].dotted


def test_without_valid_rows_train_stands_alone() -> None:
    none = (None,) * 4
    for panel in panels(curves(4, valid_loss=none, valid_accuracy=none)):
        assert [line.name for line in panel.lines] == ["train"]
        assert "valid" not in panel.texts[0].text


def test_a_missing_value_is_passed_over() -> None:
    accuracy, loss = panels(curves(4, valid_loss=(0.4, None, 0.2, 0.1), chosen=2))
    assert [len(line.points) for line in loss.lines] == [4, 3]
    assert loss.lines[1].ring is None
    assert loss.texts[1].text == "epoch 2: train 0.7500"
    assert accuracy.texts[1].text == "epoch 2: train 75.0\u00a0%, valid 65.0\u00a0%"


def test_a_quantity_without_values_has_no_panel() -> None:
    none = (None,) * 4
    found = panels(curves(4, train_loss=none, valid_loss=none))
    assert [panel.title for panel in found] == ["accuracy, %"]


def test_names_of_lines_that_end_together_do_not_overlap() -> None:
    same = (0.5, 0.7, 0.8)
    for shift in (0.0, 1e-3, -1e-3):
        valid = tuple(value + shift for value in same)
        accuracy = panels(curves(3, train_accuracy=same, valid_accuracy=valid))[0]
        train, other = (line.label for line in accuracy.lines)
        assert abs(train - other) >= 15
        assert (train < other) == (shift <= 0)


def test_numbers_of_very_many_epochs_are_told_for_some() -> None:
    texts = panels(curves(3000))[0].texts
    assert 300 <= len(texts) <= 400
    assert texts[0].text.startswith("epoch 1: ")
