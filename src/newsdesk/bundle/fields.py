"""Bringing documents into the fields of training."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa

from newsdesk.errors import InputError
from newsdesk.types import TEXT_FIELD, Documents

__all__ = ["in_order"]


def in_order(documents: Documents, fields: Sequence[str]) -> Documents:
    """Give documents exactly the fields of training, in the order of training.

    Parameters
    ----------
    documents : Documents
        n documents; bare texts are taken as the first field, and a missing field as empty.
    fields : Sequence[str]
        Names of the fields of training.

    Returns
    -------
    Documents
        n documents; the same object when nothing changes.

    Raises
    ------
    InputError
        If the documents have none of the fields.
    """
    given = dict(documents.fields)
    if tuple(given) == tuple(fields):
        return documents
    if set(given) == {TEXT_FIELD} and TEXT_FIELD not in fields:
        given = {fields[0]: given[TEXT_FIELD]}
    if not set(given) & set(fields):
        problem = f"The documents have the fields {', '.join(given)}."
        remedy = f"The bundle was trained on {', '.join(fields)}: name the columns so."
        raise InputError(problem, remedy=remedy)
    empty = _empty(len(documents))
    ordered = {name: given.get(name, empty) for name in fields}
    return Documents(documents.ids, ordered, documents.side, documents.images, documents.parts)


@lru_cache(maxsize=1)
def _empty(n: int) -> pa.LargeStringArray:
    return pa.repeat(pa.scalar("", pa.large_string()), n)
