"""From table columns to documents: texts and ids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.data.column_names import IDS, normalise
from newsdesk.data.tables import TableRead
from newsdesk.data.wording import counted
from newsdesk.errors import SchemaError
from newsdesk.types import Bools, Documents, Indices, string_array

__all__ = ["documents_of", "empty_rows", "text_column"]


def documents_of(
    read: TableRead, text: Sequence[str], rows: Indices
) -> tuple[Documents, list[str]]:
    """Take documents from a table.

    Ids are those of a column called ``id`` or the like whose values are unique and complete;
    where there is none, the positions of the rows in their source, from 0.

    Parameters
    ----------
    read : TableRead
        The table.
    text : Sequence[str]
        Its text columns; a missing text becomes an empty one.
    rows : Indices
        Rows to take, shape ``(m,)``.

    Returns
    -------
    tuple[Documents, list[str]]
        m documents; lines for the log.

    Raises
    ------
    SchemaError
        If a column cannot be text.
    """
    everything = len(rows) == len(read.table)
    picked = None if everything else pa.array(rows)

    def column(name: str) -> pa.LargeStringArray:
        values = read.table[name]
        return text_column(values if picked is None else values.take(picked), name)

    steps = []
    ids = None
    for name in read.table.column_names:
        if normalise(name) not in IDS or name in text or pa.types.is_nested(read.table[name].type):
            continue
        candidate = column(name)
        if (
            pc.count_distinct(candidate).as_py() == len(rows)
            and not pc.any(pc.equal(candidate, "")).as_py()
        ):
            steps.append(f"ids: column {name}")
            ids = candidate
            break
        steps.append(f"column {name} is not unique, so it gives no ids")
    if ids is None:
        ids = string_array(pa.array(read.positions[rows]))
    documents = Documents(ids=ids, fields={name: column(name) for name in text})
    n_empty = int(empty_rows(documents).sum())
    if n_empty:
        steps.append(f"{counted(n_empty)} without any text kept")
    return documents, steps


def text_column(column: pa.ChunkedArray, name: str) -> pa.LargeStringArray:
    """Turn a column into texts.

    Parameters
    ----------
    column : pa.ChunkedArray
        Shape ``(n,)``.
    name : str
        Its name, for errors.

    Returns
    -------
    pa.LargeStringArray
        Shape ``(n,)``; what is missing is empty.

    Raises
    ------
    SchemaError
        If the column cannot be text.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_column(column.cast(kind.value_type), name)
    try:
        # Cast first: the chunks of a 32-bit string column may not fit into one.
        return string_array(column.cast(pa.large_string()))
    except pa.ArrowException as error:
        problem = f"Column {name!r} holds values of type {kind}, which are no text."
        raise SchemaError(problem, remedy="Name columns of text with text= (--text).") from error


def empty_rows(documents: Documents) -> Bools:
    """Find the documents that have no text in any field, or nothing but white space.

    Parameters
    ----------
    documents : Documents
        n documents.

    Returns
    -------
    Bools
        Shape ``(n,)``.
    """
    empty = np.ones(len(documents), dtype=bool)
    for column in documents.fields.values():
        blank = pc.equal(pc.utf8_trim_whitespace(column), "")
        empty &= blank.to_numpy(zero_copy_only=False)
    return empty
