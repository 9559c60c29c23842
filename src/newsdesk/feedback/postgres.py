"""PostgreSQL by psycopg 3."""

from __future__ import annotations

from sqlalchemy import URL, Connection, Engine, create_engine, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import DBAPIError

from newsdesk import optional
from newsdesk.feedback.tables import CORRECTIONS

__all__ = ["PostgresDatabase"]

_SCHEMA_LOCK = 0x6E657773
"""Number of the advisory lock that is held while tables are made."""

# In milliseconds, as the server takes them; waiting for it to answer at all is bounded besides.
_OPTIONS = (
    "-c statement_timeout=2500 -c lock_timeout=2000 -c synchronous_commit=on "
    "-c idle_in_transaction_session_timeout=10000"
)


class PostgresDatabase:
    """A store in a database of a server.

    Parameters
    ----------
    url : URL
        Where it is.

    Raises
    ------
    MissingExtraError
        If psycopg is not installed.
    """

    one_writer = False
    """Its transactions go on side by side."""

    def __init__(self, url: URL) -> None:
        optional.require("psycopg", extra="postgres")
        self._url = url.set(drivername="postgresql+psycopg")
        # Without user and password.
        self.name = str(URL.create("postgresql", None, None, url.host, url.port, url.database))

    def open(self, *, create: bool) -> Engine:  # noqa: ARG002  the server makes databases
        """Prepare connections.

        Parameters
        ----------
        create : bool
            Of no effect: a database is made by those who run the server.

        Returns
        -------
        Engine
            Makes connections.
        """
        return create_engine(
            self._url,
            pool_pre_ping=True,  # a server that was started again has forgotten the old ones
            pool_size=5,
            max_overflow=15,
            pool_timeout=2.0,
            connect_args={
                "connect_timeout": 2,
                "tcp_user_timeout": 2000,
                "options": _OPTIONS,
                "client_encoding": "utf8",
            },
        )

    def inspect(self, connection: Connection) -> str | None:
        """Tell whether every text can be kept.

        Parameters
        ----------
        connection : Connection
            In a transaction.

        Returns
        -------
        str | None
            What is wrong; None if nothing is.
        """
        encoding = connection.execute(select(func.current_setting("server_encoding"))).scalar_one()
        return None if encoding == "UTF8" else f"its encoding is {encoding}, not UTF8"

    def lock_schema(self, connection: Connection) -> None:
        """Wait until no other process makes the tables.

        Parameters
        ----------
        connection : Connection
            In a transaction that writes.
        """
        connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))

    def insert(self) -> Insert:
        """Begin an insert that can say what happens on a conflict.

        Returns
        -------
        Insert
            Into the table of corrections.
        """
        return insert(CORRECTIONS)

    def trouble(self) -> str | None:
        """Say what is wrong with the place of the store.

        Returns
        -------
        str | None
            Always None: the server watches its own files.
        """
        return None

    def close(self, *, for_good: bool) -> None:
        """Nothing to do: the connections were all.

        Parameters
        ----------
        for_good : bool
            Whether it will not be opened again.
        """

    def is_busy(self, error: DBAPIError) -> bool:  # noqa: ARG002  one shape for both databases
        """Tell whether another writer is in the way.

        Parameters
        ----------
        error : DBAPIError
            What was raised.

        Returns
        -------
        bool
            Always False: the server has waited as long as it may.
        """
        return False

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
        lines = str(error.orig).strip().splitlines()
        return lines[0].rstrip(".") if lines else type(error.orig).__name__
