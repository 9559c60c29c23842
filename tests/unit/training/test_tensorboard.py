from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from newsdesk.errors import MissingExtraError
from newsdesk.models.history import Epoch, History
from newsdesk.training import tensorboard

pytest.importorskip("tensorboard")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

FIRST = Epoch(1, 12, 1.25, 0.5, 0.75, 0.625, 0.5, 0.001, 2.0)
SECOND = Epoch(2, 24, 0.5, 0.75, 0.875, 0.6875, 0.625, 0.0005, 3.0)
HISTORY = History((FIRST, SECOND), chosen=1)


def read(directory: Path) -> EventAccumulator:
    return EventAccumulator(str(directory)).Reload()


def test_tensorboard_reads_every_scalar_of_every_epoch(tmp_path: Path) -> None:
    tensorboard.write(HISTORY, tmp_path, ended=1000.0)
    found = read(tmp_path)
    written = {
        tag: [(event.step, event.value) for event in found.Scalars(tag)]
        for tag in found.Tags()["scalars"]
    }
    assert written == {
        "accuracy/train": [(12, 0.5), (24, 0.75)],
        "accuracy/valid": [(12, 0.625), (24, 0.6875)],
        "loss/train": [(12, 1.25), (24, 0.5)],
        "loss/valid": [(12, 0.75), (24, 0.875)],
        "learning_rate": [(12, pytest.approx(0.001)), (24, pytest.approx(0.0005))],
    }


def test_times_are_counted_back_from_the_end(tmp_path: Path) -> None:
    tensorboard.write(HISTORY, tmp_path, ended=1000.0)
    found = read(tmp_path)
    assert found.FirstEventTimestamp() == 995.0
    assert [event.wall_time for event in found.Scalars("loss/train")] == [997.0, 1000.0]


def test_without_valid_rows_there_are_scalars_of_train_alone(tmp_path: Path) -> None:
    blind = replace(FIRST, valid_loss=None, valid_accuracy=None, valid_macro_f1=None)
    tensorboard.write(History((blind,), chosen=1), tmp_path, ended=1000.0)
    tags = read(tmp_path).Tags()["scalars"]
    assert sorted(tags) == ["accuracy/train", "learning_rate", "loss/train"]


def test_without_epochs_there_is_no_file(tmp_path: Path) -> None:
    tensorboard.write(History(), tmp_path, ended=1000.0)
    assert not list(tmp_path.iterdir())


def test_a_second_writing_takes_the_place_of_the_first(tmp_path: Path) -> None:
    for _ in range(2):
        tensorboard.write(HISTORY, tmp_path, ended=1000.0)
    assert [path.name for path in tmp_path.iterdir()] == [tensorboard.FILE]
    assert len(read(tmp_path).Scalars("loss/train")) == 2


def test_a_missing_extra_is_known_before_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    tensorboard.require()
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.record_writer", None)
    with pytest.raises(MissingExtraError, match=r"newsdesk\[tensorboard\]"):
        tensorboard.require()
