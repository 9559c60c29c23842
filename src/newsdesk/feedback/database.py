"""Transactions on a database that may fail at any time, and works again when it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock
from time import monotonic
from typing import Protocol

from sqlalchemy import Connection, Engine, inspect, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from newsdesk.errors import ConfigError, StorageError
from newsdesk.feedback.postgres import PostgresDatabase
from newsdesk.feedback.sqlite import SqliteFile
from newsdesk.feedback.tables import METADATA, STATE, VERSION

__all__ = ["PATIENCE", "Database", "Place", "place_of"]

PATIENCE = 2.0
"""Seconds after which a transaction that cannot begin is given up."""

_FORMS = "sqlite:///PATH or postgresql://USER@HOST/DATABASE"
_VERSION = "version"


class Place(Protocol):
    """What the kinds of databases differ in; see `SqliteFile` for the words."""

    name: str
    one_writer: bool

    def open(self, *, create: bool) -> Engine:
        """Make an engine."""
        ...

    def inspect(self, connection: Connection) -> str | None:
        """Say what is wrong with what is there."""
        ...

    def lock_schema(self, connection: Connection) -> None:
        """Keep others from making tables."""
        ...

    def insert(self) -> sqlite.Insert | postgresql.Insert:
        """Begin an insert into the table of corrections."""
        ...

    def trouble(self) -> str | None:
        """Say what has happened since it was opened."""
        ...

    def close(self, *, for_good: bool) -> None:
        """Let go of it."""
        ...

    def is_busy(self, error: DBAPIError) -> bool:
        """Tell whether asking again may help."""
        ...

    def reason(self, error: DBAPIError) -> str:
        """Say what an error means."""
        ...


def place_of(url: str) -> Place:
    """Read where a store is.

    Parameters
    ----------
    url : str
        A URL, or the plain path of a SQLite file.

    Returns
    -------
    Place
        Not opened yet.

    Raises
    ------
    ConfigError
        If the URL is of no known form.
    MissingExtraError
        If psycopg is needed and not installed.
    """
    scheme, parted, rest = url.partition("://")
    if not parted:
        return SqliteFile(_path(url))
    if scheme == "sqlite" and rest.startswith("/"):
        return SqliteFile(_path(rest[1:]))
    if scheme == "postgresql":
        try:
            return PostgresDatabase(make_url(url))
        except (ArgumentError, ValueError):
            # What was given may hold a password, and is not repeated.
            problem = "The postgresql URL of the feedback store cannot be read."
            raise ConfigError(problem, remedy=f"Give it as {_FORMS}.") from None
    problem = f"A feedback store cannot be at a URL of the kind {scheme}://."
    raise ConfigError(problem, remedy=f"Give {_FORMS}.")


def _path(text: str) -> Path:
    if not text.strip() or "\0" in text or text == ":memory:":
        problem = f"{text!r} is no path of a feedback store."
        raise ConfigError(problem, remedy=f"Give {_FORMS}.")
    return Path(text)


class Database:
    """Opens a place, gives transactions, and opens it again after a fault.

    Parameters
    ----------
    place : Place
        Where the store is.
    create : bool
        Whether it is made if it does not exist.

    Raises
    ------
    StorageError
        If it cannot be opened, or is of a schema that this build does not know.
    """

    def __init__(self, place: Place, *, create: bool) -> None:
        self.place = place
        self._engine: Engine | None = None
        self._opening = RLock()
        self._writing = Lock()
        self._closed = False
        try:
            with self._translated():
                self._open(monotonic() + PATIENCE, create=create)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Connection]:
        """Lend a connection in a transaction, which is committed when the block ends.

        Parameters
        ----------
        write : bool
            Whether it is to write.

        Yields
        ------
        Connection
            Everything or nothing of what is done on it is kept.

        Raises
        ------
        StorageError
            If the database refuses, or another writer has it for longer than `PATIENCE`.
        """
        deadline = monotonic() + PATIENCE
        alone = write and self.place.one_writer
        if alone and not self._writing.acquire(timeout=PATIENCE):
            raise self._error("other corrections are being written to it")
        try:
            with self._translated():
                if self.place.trouble() is not None:
                    self._give_up()  # where another file has taken the place, that is opened
                self._refuse_trouble()
                connection = self._begun(self._open(deadline), deadline, write=write)
                with connection:
                    yield connection
                    connection.commit()
                # Was it written to a file that has been deleted meanwhile?
                self._refuse_trouble()
        finally:
            if alone:
                self._writing.release()

    def close(self) -> None:
        """Close all connections; nothing can be asked afterwards."""
        self._closed = True
        with self._opening:
            self._dispose(for_good=True)

    def _open(self, deadline: float, *, create: bool = False) -> Engine:
        # Those who wait for another one to open it have no longer to do so than he has.
        if not self._opening.acquire(timeout=max(deadline - monotonic(), 0.0)):
            raise self._error("it does not answer")
        try:
            if self._closed:
                raise self._error("it was closed")
            if self._engine is None:
                engine = self.place.open(create=create)
                try:
                    self._prepare(engine, deadline, create=create)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
            return self._engine
        finally:
            self._opening.release()

    def _prepare(self, engine: Engine, deadline: float, *, create: bool) -> None:
        """Look for damage and for the version; make the tables where there are none."""
        self._refuse_trouble()  # SQLite takes a file of a few bytes for an empty one
        with self._begun(engine, deadline, write=False) as connection:
            damage = self.place.inspect(connection)
            exists = inspect(connection).has_table(STATE.name)
            version = _version(connection) if exists else None
        if damage is not None:
            raise self._error(damage)
        if version is None and create:
            with self._begun(engine, deadline, write=True) as connection:
                self.place.lock_schema(connection)
                METADATA.create_all(connection)
                if _version(connection) is None:
                    connection.execute(STATE.insert(), {"name": _VERSION, "value": VERSION})
                version = _version(connection)
                connection.commit()
        if version is None:
            problem = f"There is no feedback store at {self.place.name}."
            raise StorageError(problem, remedy="Name the database that a server writes to.")
        if version > VERSION:
            problem = (
                f"The feedback store {self.place.name} is of schema {version}; this build reads "
                f"up to {VERSION}."
            )
            raise StorageError(problem, remedy="Update newsdesk.")

    def _begun(self, engine: Engine, deadline: float, *, write: bool) -> Connection:
        while True:
            connection = None
            try:
                connection = engine.connect().execution_options(newsdesk_write=write)
                connection.begin()
            except DBAPIError as error:
                if connection is not None:
                    connection.close()
                if not self.place.is_busy(error) or monotonic() >= deadline:
                    raise
            else:
                return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            # Who waits for another writer need not have the whole file inspected again.
            if not self.place.is_busy(error):
                self._give_up()
            raise self._error(self.place.reason(error)) from error
        except SQLAlchemyError as error:
            self._give_up()
            raise self._error(str(error).partition("\n")[0]) from error
        except StorageError:
            self._give_up()
            raise
        except OSError as error:
            self._give_up()
            raise self._error(error.strerror or str(error)) from error

    def _refuse_trouble(self) -> None:
        trouble = self.place.trouble()
        if trouble is not None:
            raise self._error(trouble)

    def _give_up(self) -> None:
        """Close what there is, so that the next transaction opens the place anew."""
        if not self._opening.acquire(blocking=False):
            return  # somebody else is opening it already
        try:
            self._dispose(for_good=False)
        finally:
            self._opening.release()

    def _dispose(self, *, for_good: bool) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        self.place.close(for_good=for_good)

    def _error(self, reason: str) -> StorageError:
        problem = f"The feedback store {self.place.name} cannot be used: {reason.rstrip('.')}."
        return StorageError(problem, remedy="Mend that, and try again: a repetition is kept once.")


def _version(connection: Connection) -> int | None:
    found = select(STATE.c.value).where(STATE.c.name == _VERSION)
    return connection.execute(found).scalar_one_or_none()
