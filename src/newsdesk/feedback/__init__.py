"""Corrections that people give, kept in SQLite or PostgreSQL: the SQLAlchemy room."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.feedback.correction import Added, Correction, Entry, Page, Stats
from newsdesk.feedback.moments import Clock
from newsdesk.optional import load

if TYPE_CHECKING:
    from newsdesk.feedback.store import Store

__all__ = ["Added", "Correction", "Entry", "Page", "Stats", "open_store"]


def open_store(url: str | Path, *, create: bool = True, clock: Clock | None = None) -> Store:
    """Open a store of corrections.

    Parameters
    ----------
    url : str | Path
        ``sqlite:///PATH``, ``postgresql://USER@HOST/DATABASE``, or the plain path of a SQLite file.
    create : bool
        Whether a store that does not exist is made; the folder of a file must exist.
    clock : Clock | None
        Tells the time, with its zone; None is the clock of the machine.

    Returns
    -------
    Store
        To be closed after use, or used in a ``with`` block. Threads may share it; a process that
        is forked from this one opens its own.

    Raises
    ------
    ConfigError
        If the URL is of no known kind.
    StorageError
        If the store cannot be opened, is damaged, or was written by a newer newsdesk.
    MissingExtraError
        If SQLAlchemy, or psycopg for PostgreSQL, is not installed.
    """
    store: Store = load("newsdesk.feedback.store:opened", extra="feedback")(
        str(url), create=create, clock=clock
    )
    return store
