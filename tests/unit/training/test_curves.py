from __future__ import annotations

import csv
from dataclasses import fields, replace
from pathlib import Path

import pytest

from newsdesk.evaluation.curves import Curves
from newsdesk.models.history import Epoch, History
from newsdesk.training.curves import read, write

FIRST = Epoch(1, 12, 1.25, 0.5, 0.75, 0.625, 0.5, 0.001, 2.5)
SECOND = Epoch(2, 24, 0.5, 0.75, 0.875, 0.6875, 0.625, 0.0005, 2.25)
HISTORY = History((FIRST, SECOND), chosen=1)


def test_curves_are_those_of_the_history() -> None:
    assert read(HISTORY) == Curves(
        epochs=(1, 2),
        train_accuracy=(0.5, 0.75),
        valid_accuracy=(0.625, 0.6875),
        train_loss=(1.25, 0.5),
        valid_loss=(0.75, 0.875),
        chosen=1,
    )


def test_without_epochs_there_is_nothing_to_draw(tmp_path: Path) -> None:
    assert read(History()) is None
    write(History(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_numbers_that_are_not_finite_are_not_drawn(tmp_path: Path) -> None:
    broken = replace(SECOND, valid_loss=float("inf"), train_loss=float("nan"))
    history = replace(HISTORY, epochs=(FIRST, broken))
    curves = read(history)
    assert curves is not None
    assert curves.valid_loss == (0.75, None)
    assert curves.train_loss == (1.25, None)
    write(history, tmp_path)
    with (tmp_path / "history.csv").open(newline="") as file:
        assert list(csv.DictReader(file))[1]["valid_loss"] == "inf"


def test_the_folder_gets_pictures_and_a_table(tmp_path: Path) -> None:
    write(HISTORY, tmp_path)
    names = {"curves.png", "curves.svg", "history.csv"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert "kept: epoch 1" in (tmp_path / "curves.svg").read_text(encoding="utf-8")


def test_the_table_has_every_number_of_every_epoch(tmp_path: Path) -> None:
    write(HISTORY, tmp_path)
    with (tmp_path / "history.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == [field.name for field in fields(Epoch)]
    for line, epoch in zip(lines, HISTORY.epochs, strict=True):
        assert {name: float(value) for name, value in line.items()} == vars(epoch)


@pytest.mark.parametrize("name", ["valid_loss", "valid_accuracy", "valid_macro_f1"])
def test_what_is_not_known_is_an_empty_cell(name: str, tmp_path: Path) -> None:
    write(History((replace(FIRST, **{name: None}),), chosen=1), tmp_path)
    with (tmp_path / "history.csv").open(newline="", encoding="utf-8") as file:
        (line,) = csv.DictReader(file)
    assert [key for key, value in line.items() if not value] == [name]
