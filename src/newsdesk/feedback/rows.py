"""Corrections as rows of a table, ids and hashes of tokens."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import msgspec
from sqlalchemy import Row

from newsdesk.feedback import moments
from newsdesk.feedback.correction import Correction, Entry

__all__ = ["hashed", "is_id", "read", "written"]


def written(correction: Correction) -> dict[str, Any]:
    """Write what a correction says into columns.

    Parameters
    ----------
    correction : Correction
        What somebody says.

    Returns
    -------
    dict[str, Any]
        Values by column.
    """
    return {
        "fields": msgspec.json.encode(dict(correction.fields)).decode(),
        "model": correction.model,
        "digest": correction.digest,
        "predicted": correction.predicted,
        "score": correction.score,
        "label": correction.label,
        "comment": correction.comment,
        "source": correction.source,
    }


def read(row: Row[Any]) -> Entry:
    """Read a correction from its row.

    Parameters
    ----------
    row : Row[Any]
        Every column.

    Returns
    -------
    Entry
        The correction.
    """
    return Entry(
        id=row.id,
        correction=Correction(
            fields=msgspec.json.decode(row.fields, type=dict[str, str]),
            label=row.label,
            model=row.model,
            digest=row.digest,
            predicted=row.predicted,
            score=row.score,
            comment=row.comment,
            source=row.source,
        ),
        status=row.status,
        created_at=moments.read(row.created_at),
        decided_at=None if row.decided_at is None else moments.read(row.decided_at),
    )


def hashed(token: str) -> str:
    """Hash a token, of which nothing else is kept.

    Parameters
    ----------
    token : str
        Any text.

    Returns
    -------
    str
        Sha256, hexadecimal.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_id(text: str) -> bool:
    """Tell whether a text can be an id; what cannot need not be looked for.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        Whether it is a UUID as the store writes them.

    Examples
    --------
    >>> is_id("00000000-0000-4000-8000-000000000000"), is_id("1")
    (True, False)
    """
    try:
        return str(uuid.UUID(text)) == text
    except (ValueError, AttributeError, TypeError):
        return False
