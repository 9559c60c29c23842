"""Prepared files: a corpus written so that reading the file gives the same corpus."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from newsdesk.data import export
from newsdesk.data.assembly import text_column
from newsdesk.data.column_names import IDS, normalise
from newsdesk.data.corpus import PUBLISHED, Corpus
from newsdesk.data.history import History, attach
from newsdesk.errors import SchemaError, StorageError

__all__ = ["CARRYING", "check_place", "table_of", "write"]

CARRYING = (".feather", ".arrow", ".parquet")
"""Endings of the formats that carry the history of the rows."""


def table_of(corpus: Corpus) -> pa.Table:
    """Turn a corpus into a table that says of itself what it is.

    Parameters
    ----------
    corpus : Corpus
        n rows, each of a class.

    Returns
    -------
    pa.Table
        n rows: ids, text columns, label, then the other columns. The ids are in the column that
        they came from, else in one that is added; ``published_test`` is added where the published
        test rows are known from elsewhere. The history is in the schema metadata.

    Raises
    ------
    SchemaError
        If two columns would have the same name.
    """
    others = dict(zip(corpus.extra.column_names, corpus.extra.columns, strict=True))
    if corpus.published is not None and PUBLISHED not in others:
        others[PUBLISHED] = pa.array(np.isin(np.arange(len(corpus)), corpus.published))
    together = [*corpus.documents.fields, corpus.label_column, *others]
    if len(set(together)) < len(together):
        problem = f"Two columns of {corpus.name} have the same name: {', '.join(together)}."
        raise SchemaError(problem, remedy="Rename one of them.")
    id_column = _id_column(corpus, taken=together)
    # First, so that no other column that happens to be unique is taken for the ids.
    columns = {id_column: others.pop(id_column, corpus.documents.ids)}
    columns |= corpus.documents.fields
    names = pa.array(corpus.labels.names, type=pa.large_string())
    columns[corpus.label_column] = names.take(pa.array(corpus.y))
    columns |= others
    history = History(
        name=corpus.name,
        text=tuple(corpus.documents.fields),
        label=corpus.label_column,
        steps=corpus.steps,
        licence=corpus.licence,
        split_column=corpus.split_column,
        cluster_column=corpus.cluster_column,
    )
    return attach(history, pa.table(columns))


def _id_column(corpus: Corpus, taken: Sequence[str]) -> str:
    """The column that holds the ids, or a free name that is known as one of ids."""
    for name in corpus.extra.column_names:
        column = corpus.extra[name]
        if normalise(name) not in IDS or pa.types.is_nested(column.type):
            continue
        if text_column(column, name).equals(corpus.documents.ids):
            return str(name)
    free = next((name for name in IDS if name not in taken), None)
    if free is None:
        problem = f"The ids of {corpus.name} need a column, and every name for one is taken."
        raise SchemaError(problem, remedy=f"Rename one of: {', '.join(IDS)}.")
    return free


def write(corpus: Corpus, path: str | Path) -> None:
    """Write a corpus; the file appears whole or not at all.

    Parameters
    ----------
    corpus : Corpus
        n rows, each of a class.
    path : str | Path
        Feather or Parquet, which carry the history of the rows; or any other format of
        `newsdesk.data.export.write`, with the rows alone. Texts are written as they are, so that
        a spreadsheet may take some of them for formulas.

    Raises
    ------
    SchemaError
        If a column cannot be written in the format.
    StorageError
        If the disk refuses.
    """
    export.write(table_of(corpus), path, escape=False)


def check_place(path: Path, *, overwrite: bool = False) -> None:
    """Fail now rather than after the work: check that a file can be written.

    Parameters
    ----------
    path : Path
        The file.
    overwrite : bool
        Whether a file that stands there may be replaced.

    Raises
    ------
    SchemaError
        If the suffix is of no format that can be written.
    StorageError
        If something stands there that may not be replaced, or the folder cannot be written to.
    """
    export.check_suffix(path)
    if path.is_dir():
        raise StorageError(f"{path} is a folder.", remedy="Name a file in it.")
    if path.exists() and not overwrite:
        problem = f"{path} exists already."
        raise StorageError(problem, remedy="Choose another name, or replace it with --overwrite.")
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    try:
        if not folder.is_dir():
            message = f"{folder} is no folder"
            raise NotADirectoryError(message)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"\0" * 4096)
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        problem = f"{path} cannot be written: {error.strerror or error}."
        raise StorageError(problem, remedy="Choose a folder that can be written to.") from error
