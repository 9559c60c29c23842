"""The stages of a training: for the report, and as ``stages.json`` in the run folder."""

from __future__ import annotations

from pathlib import Path

from newsdesk.evaluation.stages import StageTable, number
from newsdesk.models import files
from newsdesk.models.history import History, Stage

__all__ = ["table", "write"]

_MOST_ROWS = 20
"""Few texts are gone through hundreds of times."""


def table(stage: Stage) -> StageTable:
    """Write a stage as it is to be read.

    Parameters
    ----------
    stage : Stage
        The stage.

    Returns
    -------
    StageTable
        Its cells as text. Of more than 20 rows, 20 from the first to the last.
    """
    columns = list(zip(*stage.rows, strict=True)) or [()] * len(stage.columns)
    n, notes = len(stage.rows), stage.notes
    shown = stage.rows
    if n > _MOST_ROWS:
        places = [at * (n - 1) // (_MOST_ROWS - 1) for at in range(_MOST_ROWS)]
        shown = tuple(stage.rows[place] for place in places)
        notes = (f"{_MOST_ROWS} of {n:,} rows are shown.", *notes)
    return StageTable(
        title=stage.title,
        columns=stage.columns,
        rows=tuple(tuple(number(cell) for cell in row) for row in shown),
        numeric=tuple(not any(isinstance(cell, str) for cell in column) for column in columns),
        notes=notes,
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
