"""Test rows for the page of the server: texts that the model has not learnt, and their labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from newsdesk.data import export
from newsdesk.types import Indices

if TYPE_CHECKING:
    from newsdesk.training.run import Run

__all__ = ["SAMPLES", "write"]

SAMPLES = "samples.parquet"
_MOST = 2000
_OWN = ("id", "label")


def write(run: Run, directory: Path) -> None:
    """Write a seeded sample of the labelled test rows; nothing where there is none.

    Parameters
    ----------
    run : Run
        The finished run.
    directory : Path
        Its folder.
    """
    rows = _drawn(run.results[0].test_rows, run.settings["seed"])
    if not len(rows):
        return
    corpus, documents = run.corpus, run.corpus.documents.take(rows)
    fields = {name: column for name, column in documents.fields.items() if name not in _OWN}
    labels = pa.array(corpus.labels.decode(corpus.y[rows]), pa.string())
    table = pa.table({"id": documents.ids, **fields, "label": labels})
    export.write(table, directory / SAMPLES)


def _drawn(rows: Indices, seed: int) -> Indices:
    if len(rows) <= _MOST:
        return rows
    drawn: Indices = np.random.default_rng(seed).choice(rows, _MOST, replace=False)
    return np.sort(drawn)
