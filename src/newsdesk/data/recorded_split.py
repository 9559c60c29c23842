"""A split that is written into a column, so that everybody trains on the same rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.data.corpus import Corpus
from newsdesk.data.split import Split
from newsdesk.types import Bools

__all__ = ["PARTS", "part", "record", "with_column"]

PARTS = ("train", "valid", "test")
"""Values of the column."""


def record(corpus: Corpus, split: Split, name: str) -> Corpus:
    """Write a split into a column.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    split : Split
        Its split.
    name : str
        The column; one of that name is replaced.

    Returns
    -------
    Corpus
        The same rows, whose `split_column` is `name`.
    """
    codes = np.zeros(len(corpus), dtype=np.int64)
    codes[split.valid], codes[split.test] = 1, 2
    values = pa.array(PARTS, type=pa.large_string()).take(pa.array(codes))
    return with_column(corpus, name, values).with_changes(split_column=name)


def part(corpus: Corpus, name: str) -> Bools:
    """Which rows the split column puts into a part.

    Parameters
    ----------
    corpus : Corpus
        n rows with a split column.
    name : str
        One of `PARTS`.

    Returns
    -------
    Bools
        Shape ``(n,)``.
    """
    column = corpus.extra[corpus.split_column].cast(pa.large_string())
    rows: Bools = pc.equal(column, name).fill_null(False).to_numpy()
    return rows


def with_column(corpus: Corpus, name: str, values: pa.Array) -> Corpus:
    """Add a column to the other columns of a corpus, or replace it.

    Parameters
    ----------
    corpus : Corpus
        n rows.
    name : str
        The column.
    values : pa.Array
        Shape ``(n,)``.

    Returns
    -------
    Corpus
        The same rows.
    """
    extra = corpus.extra
    if not extra.column_names:
        # A table without columns has no length to which one could be added.
        extra = pa.table({name: values})
    elif name in extra.column_names:
        extra = extra.set_column(extra.column_names.index(name), name, values)
    else:
        extra = extra.append_column(name, values)
    return corpus.with_changes(extra=extra)
