"""The epochs of a training: as a table, as pictures, and as the report draws them."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from math import isfinite
from pathlib import Path

from newsdesk.evaluation.curves import Curves, Series
from newsdesk.evaluation.pictures import draw
from newsdesk.models.history import Epoch, History

__all__ = ["read", "write"]


def read(history: History) -> Curves | None:
    """Take what is drawn out of a history.

    Parameters
    ----------
    history : History
        The training.

    Returns
    -------
    Curves | None
        Its curves, where numbers that are not finite are missing; None without an epoch.
    """
    if not history.epochs:
        return None

    def series(name: str) -> Series:
        values = (getattr(epoch, name) for epoch in history.epochs)
        return tuple(v if v is not None and isfinite(v) else None for v in values)

    return Curves(
        epochs=tuple(epoch.number for epoch in history.epochs),
        train_accuracy=series("train_accuracy"),
        valid_accuracy=series("valid_accuracy"),
        train_loss=series("train_loss"),
        valid_loss=series("valid_loss"),
        chosen=history.chosen,
    )


def write(history: History, directory: Path) -> None:
    """Write ``history.csv``, ``curves.png`` and ``curves.svg``; nothing without an epoch.

    Parameters
    ----------
    history : History
        The training.
    directory : Path
        An existing folder.
    """
    curves = read(history)
    if curves is None:
        return
    with (directory / "history.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Epoch)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, history.epochs))
    draw(curves, directory / "curves.png", directory / "curves.svg")
