"""SQLite files: durable, watched, one writer at a time."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, text
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DBAPIError

from newsdesk.feedback.tables import CORRECTIONS
from newsdesk.feedback.watching import Watch

__all__ = ["SqliteFile"]

_BUSY_SECONDS = 0.1
"""How long SQLite itself waits for a lock; the caller asks again until its own time is up."""

_REASONS = {
    sqlite3.SQLITE_BUSY: "another process is writing to it",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_FULL: "it is full",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is no SQLite database, or damaged",
}


class SqliteFile:
    """A store in one file.

    Parameters
    ----------
    path : Path
        The file.
    """

    one_writer = True
    """SQLite has one writer at a time; queueing here is fairer than its own lock."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.name = str(path)
        self._watch: Watch | None = None

    def open(self, *, create: bool) -> Engine:
        """Open the file.

        Parameters
        ----------
        create : bool
            Whether it is made if it does not exist, readable for its owner alone.

        Returns
        -------
        Engine
            Makes connections.

        Raises
        ------
        OSError
            If it does not exist, or may not be made or read.
        """
        if create:
            with suppress(FileExistsError):
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
                os.close(os.open(self.path, flags, 0o600))
        if self._watch is None:
            self._watch = Watch(self.path)
        engine = create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, pool_timeout=2.0
        )
        event.listen(engine, "begin", _begin)
        return engine

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",  # a file that was deleted is not made again
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",  # a commit is on the disk when it returns
            "PRAGMA secure_delete=ON",  # what people take back leaves no trace in free pages
        ):
            try:
                connection.execute(pragma).fetchall()
            except sqlite3.Error:
                connection.close()
                raise
        return connection

    def inspect(self, connection: Connection) -> str | None:
        """Look for damage in all of the file.

        Parameters
        ----------
        connection : Connection
            In a transaction.

        Returns
        -------
        str | None
            What is wrong; None if it is intact.
        """
        found = connection.execute(text("PRAGMA integrity_check(1)")).scalar_one()
        return None if found == "ok" else f"it is damaged: {found}"

    def lock_schema(self, connection: Connection) -> None:
        """Nothing to do: a transaction that writes is alone.

        Parameters
        ----------
        connection : Connection
            In a transaction that writes.
        """

    def insert(self) -> Insert:
        """Begin an insert that can say what happens on a conflict.

        Returns
        -------
        Insert
            Into the table of corrections.
        """
        return insert(CORRECTIONS)

    def trouble(self) -> str | None:
        """Say what has happened to the file.

        Returns
        -------
        str | None
            What is wrong, in a few words.
        """
        return None if self._watch is None else self._watch.trouble()

    def close(self, *, for_good: bool) -> None:
        """Let go of the file, after its connections were closed.

        Parameters
        ----------
        for_good : bool
            Whether it will not be opened again; else only a file that was replaced is let go.
        """
        # Connections of other threads may still be on their way back; their locks must hold.
        if self._watch is not None and (for_good or self._watch.is_replaced):
            self._watch.release()
            self._watch = None

    def is_busy(self, error: DBAPIError) -> bool:
        """Tell whether another writer is in the way.

        Parameters
        ----------
        error : DBAPIError
            What was raised.

        Returns
        -------
        bool
            Whether asking again may help.
        """
        return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

    def reason(self, error: DBAPIError) -> str:
        """Say in a few words what an error means.

        Parameters
        ----------
        error : DBAPIError
            What was raised.

        Returns
        -------
        str
            The reason.
        """
        return _REASONS.get(_code(error), str(error.orig))


def _code(error: DBAPIError) -> int:
    # The lowest byte is the kind of the error, the next says more of it.
    return int(getattr(error.orig, "sqlite_errorcode", 0)) & 0xFF


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("newsdesk_write", False)
    # One that reads first and then writes could not wait for another writer.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
    if not write:
        # The lock for reading is taken by the first read, and to be waited for here.
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
