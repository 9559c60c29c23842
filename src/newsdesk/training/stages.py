"""The stages of a training: for the report, and as ``stages.json`` in the run folder."""

from __future__ import annotations

from pathlib import Path

from newsdesk.evaluation.stages import StageTable, number
from newsdesk.models import files
from newsdesk.models.history import History, Stage

__all__ = ["table", "write"]


def table(stage: Stage) -> StageTable:
    """Write a stage as it is to be read.

    Parameters
    ----------
    stage : Stage
        The stage.

    Returns
    -------
    StageTable
        Its cells as text.
    """
    columns = list(zip(*stage.rows, strict=True)) or [()] * len(stage.columns)
    return StageTable(
        title=stage.title,
        columns=stage.columns,
        rows=tuple(tuple(number(cell) for cell in row) for row in stage.rows),
        numeric=tuple(not any(isinstance(cell, str) for cell in column) for column in columns),
        notes=stage.notes,
    )


def write(history: History, directory: Path) -> None:
    """Write ``stages.json``; nothing where a training has no stages.

    Parameters
    ----------
    history : History
        The training.
    directory : Path
        An existing folder.
    """
    if history.stages:
        files.write_json(directory / "stages.json", history.stages)
