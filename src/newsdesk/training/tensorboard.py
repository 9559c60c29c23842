"""The epochs of a training as TensorBoard shows them: the room of the library tensorboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsdesk import optional
from newsdesk.models.history import Epoch, History

__all__ = ["FILE", "require", "write"]

FILE = "events.out.tfevents.newsdesk"
"""TensorBoard knows its files by the middle of the name."""

_EXTRA = "tensorboard"
_VERSION = "brain.Event:2"
"""Format of the file, said by its first event: TensorFlow, tensorflow/core/util/events_writer."""


def require() -> None:
    """Make sure, before a long training, that events can be written after it.

    Raises
    ------
    MissingExtraError
        If the extra ``tensorboard`` is not installed.
    """
    _library()


def write(history: History, directory: Path, *, ended: float) -> None:
    """Write one file of events; nothing without an epoch.

    The scalars are ``accuracy/train``, ``accuracy/valid``, ``loss/train``, ``loss/valid`` and
    ``learning_rate``, as far as they have values; the step is the number of updates of the
    weights.

    Parameters
    ----------
    history : History
        The training.
    directory : Path
        An existing folder; TensorBoard takes its name for that of the run.
    ended : float
        When the last epoch ended, in seconds since 1970.

    Raises
    ------
    MissingExtraError
        If the extra ``tensorboard`` is not installed.
    """
    if not history.epochs:
        return
    record_writer, event, summary = _library()
    with (directory / FILE).open("wb") as file:
        records = record_writer(file)
        now = ended - sum(epoch.seconds for epoch in history.epochs)
        records.write(event(wall_time=now, file_version=_VERSION).SerializeToString())
        for epoch in history.epochs:
            now += epoch.seconds
            scalars = [summary.Value(tag=t, simple_value=v) for t, v in _scalars(epoch)]
            told = event(wall_time=now, step=epoch.step, summary=summary(value=scalars))
            records.write(told.SerializeToString())


def _library() -> tuple[Any, Any, Any]:
    """How records, events and summaries are made."""
    return (
        optional.load("tensorboard.summary.writer.record_writer:RecordWriter", extra=_EXTRA),
        optional.load("tensorboard.compat.proto.event_pb2:Event", extra=_EXTRA),
        optional.load("tensorboard.compat.proto.summary_pb2:Summary", extra=_EXTRA),
    )


def _scalars(epoch: Epoch) -> Iterator[tuple[str, float]]:
    values = {
        "accuracy/train": epoch.train_accuracy,
        "accuracy/valid": epoch.valid_accuracy,
        "loss/train": epoch.train_loss,
        "loss/valid": epoch.valid_loss,
        "learning_rate": epoch.learning_rate,
    }
    for tag, value in values.items():
        if value is not None:
            yield tag, value
