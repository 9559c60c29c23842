"""Columns of a table, or fields of documents, as the fields that a model was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from newsdesk.data.assembly import documents_of
from newsdesk.data.columns import guess
from newsdesk.data.tables import TableRead
from newsdesk.errors import SchemaError
from newsdesk.types import Documents

__all__ = ["aligned", "documents", "fields_of"]


def fields_of(columns: Sequence[str], fields: Sequence[str]) -> dict[str, str]:
    """Say which column is which field of a bundle.

    Columns that are called like fields are these fields; else columns stand for the fields in
    their order.

    Parameters
    ----------
    columns : Sequence[str]
        Text columns, at least one.
    fields : Sequence[str]
        The fields of a bundle, in the order of its training.

    Returns
    -------
    dict[str, str]
        The column of each field, in the order of the fields; fields without a column are left out.

    Raises
    ------
    SchemaError
        If there are more columns than fields, or only some of them are called like fields.

    Examples
    --------
    >>> fields_of(["title"], ["headline", "description"])
    {'headline': 'title'}
    >>> fields_of(["description", "headline"], ["headline", "description"])
    {'headline': 'headline', 'description': 'description'}
    """
    known = [column for column in columns if column in fields]
    if len(known) == len(columns):
        return {field: field for field in fields if field in known}
    if known or len(columns) > len(fields):
        problem = (
            f"The text columns are {', '.join(columns)}; the model is trained on "
            f"{', '.join(fields)}."
        )
        remedy = "Name as many columns with --text, in that order, or call them so."
        raise SchemaError(problem, remedy=remedy)
    return dict(zip(fields, columns, strict=False))


def documents(
    read: TableRead, columns: Sequence[str] | None, fields: Sequence[str]
) -> tuple[Documents, list[str]]:
    """Take the documents of a table, with the fields of a bundle.

    Parameters
    ----------
    read : TableRead
        The table.
    columns : Sequence[str] | None
        Its text columns; None takes those that are called like fields, else guesses.
    fields : Sequence[str]
        The fields of the bundle.

    Returns
    -------
    tuple[Documents, list[str]]
        One document per row; what was found, in lines.

    Raises
    ------
    SchemaError
        If there is no such column, or none can be guessed.
    """
    called = [name for name in fields if name in read.table.column_names]
    found = guess(read.table, text=columns or called or None, label=None, need_label=False).text
    by_field = fields_of(found, fields)
    documents, said = documents_of(
        read, list(by_field.values()), np.arange(len(read.table), dtype=np.int64)
    )
    return _renamed(documents, by_field), [_note(by_field, fields), *said]


def _renamed(documents: Documents, by_field: dict[str, str]) -> Documents:
    columns = {field: documents.fields[column] for field, column in by_field.items()}
    return replace(documents, fields=columns)


def aligned(documents: Documents, fields: Sequence[str], *, guessed: bool) -> tuple[Documents, str]:
    """Give the fields of documents the names that a bundle knows.

    Parameters
    ----------
    documents : Documents
        With any fields.
    fields : Sequence[str]
        The fields of the bundle.
    guessed : bool
        Whether nobody named the fields of the documents: then those that the bundle does not know
        may be left out, if it knows others.

    Returns
    -------
    tuple[Documents, str]
        The documents with the bundle's fields, and which is which in one line.

    Raises
    ------
    SchemaError
        See `fields_of`.
    """
    columns = list(documents.fields)
    if guessed:
        columns = [name for name in columns if name in fields] or columns
    by_field = fields_of(columns, fields)
    return _renamed(documents, by_field), _note(by_field, fields)


def _note(by_field: dict[str, str], fields: Sequence[str]) -> str:
    parts = [
        column if column == field else f"{column} (as {field})"
        for field, column in by_field.items()
    ]
    missing = [field for field in fields if field not in by_field]
    line = f"text: {' + '.join(parts)}"
    return line + (f"; no {' and no '.join(missing)}, taken as empty" if missing else "")
