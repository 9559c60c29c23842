from __future__ import annotations

from typing import Any

import pytest

from newsdesk.evaluation.curves import Curves, summarise


def curves(**changes: Any) -> Curves:
    values: dict[str, Any] = {
        "epochs": (1, 2, 3),
        "train_accuracy": (0.6, 0.8, 0.95),
        "valid_accuracy": (0.65, 0.75, 0.74),
        "train_loss": (1.0, 0.5, 0.1),
        "valid_loss": (0.9, 0.6, 0.7),
        "chosen": 2,
    }
    return Curves(**values | changes)


def one(**changes: Any) -> Curves:
    series = dict.fromkeys(("train_accuracy", "train_loss", "valid_loss"), (0.5,))
    series["valid_accuracy"] = (0.25,)
    return curves(epochs=(1,), chosen=1, **series | changes)


def test_the_sentence_names_the_lowest_epoch_the_kept_one_and_the_gap() -> None:
    assert summarise(curves()) == (
        "Valid loss was lowest in epoch 2 of 3; the weights of epoch 2 were kept; "
        "train accuracy ran 5.0 points ahead of valid then."
    )


def test_the_kept_epoch_need_not_be_the_lowest() -> None:
    said = summarise(curves(chosen=3))
    assert "lowest in epoch 2 of 3; the weights of epoch 3 were kept" in said
    assert "21.0 points ahead" in said


def test_of_equal_losses_the_first_is_the_lowest() -> None:
    assert "lowest in epoch 1 of" in summarise(curves(valid_loss=(0.5, 0.5, 0.5)))


def test_valid_may_be_ahead() -> None:
    assert "ran 5.0 points behind valid then" in summarise(curves(chosen=1))


def test_accuracies_that_read_alike_are_called_equal() -> None:
    said = summarise(curves(valid_accuracy=(0.6, 0.8003, 0.7)))
    assert said.endswith("; train and valid accuracy were equal then.")


def test_weights_from_before_the_first_epoch_have_no_gap() -> None:
    assert summarise(curves(chosen=0)).endswith(
        "; the weights from before the first epoch were kept."
    )


@pytest.mark.parametrize("missing", ["train_accuracy", "valid_accuracy"])
def test_without_an_accuracy_there_is_no_gap(missing: str) -> None:
    said = summarise(curves(**{missing: (0.5, None, 0.5)}))
    assert said.endswith("; the weights of epoch 2 were kept.")


def test_an_epoch_without_valid_loss_is_not_the_lowest() -> None:
    assert "lowest in epoch 3 of 3" in summarise(curves(valid_loss=(0.9, None, 0.7)))


def test_without_valid_rows_nothing_is_lowest() -> None:
    none = (None, None, None)
    blind = curves(valid_loss=none, valid_accuracy=none, chosen=3)
    assert not blind.has_valid
    assert summarise(blind) == (
        "There were 3 epochs, without valid rows to watch; the weights of epoch 3 were kept."
    )


def test_one_epoch_is_not_compared_with_others() -> None:
    assert summarise(one()) == (
        "There was one epoch; the weights of epoch 1 were kept; "
        "train accuracy ran 25.0 points ahead of valid then."
    )
    blind = one(valid_accuracy=(None,), valid_loss=(None,))
    assert summarise(blind).startswith("There was one epoch, without valid rows to watch; ")
