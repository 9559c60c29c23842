"""The store: corrections in, decisions on them, accepted ones out."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
import uuid
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self, get_args

from sqlalchemy import Connection, delete, func, select, update

from newsdesk.config import suggest
from newsdesk.errors import InputError
from newsdesk.feedback import moments
from newsdesk.feedback.correction import (
    MOST_NAME,
    Added,
    Correction,
    Entry,
    Page,
    Stats,
    Status,
    check_text,
)
from newsdesk.feedback.database import Database, place_of
from newsdesk.feedback.moments import Clock
from newsdesk.feedback.pages import order_of
from newsdesk.feedback.rows import hashed, is_id, read, written
from newsdesk.feedback.tables import CORRECTIONS

__all__ = ["DECISIONS", "MOST_LISTED", "Store", "opened"]

DECISIONS: dict[str, Status] = {"accept": "accepted", "reject": "rejected", "wait": "waiting"}
"""Status by decision."""
MOST_LISTED = 1_000
"""Corrections on one page."""
_AT_ONCE = 500
"""Ids in one statement; databases limit the number of parameters."""

_C = CORRECTIONS.c


def opened(url: str, *, create: bool = True, clock: Clock | None = None) -> Store:
    """Open a store; see `newsdesk.feedback.open_store`.

    Parameters
    ----------
    url : str
        Where it is.
    create : bool
        Whether it is made if it does not exist.
    clock : Clock | None
        Tells the time, with its zone.

    Returns
    -------
    Store
        Open.

    Raises
    ------
    ConfigError
        If the URL is of no known kind.
    StorageError
        If the store cannot be opened.
    """
    return Store(Database(place_of(url), create=create), clock or moments.now)


class Store:
    """Corrections in a database. Threads may share it.

    Every method raises `StorageError` where the database cannot be used, after about two seconds
    at the latest, and works again when the fault is gone. What `add` has answered for is on the
    disk.

    Parameters
    ----------
    database : Database
        Where they are.
    clock : Clock
        Tells the time, with its zone.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self._database.place.name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def add(self, correction: Correction, key: str | None = None) -> Added:
        """Keep a correction; return when it is on the disk.

        Parameters
        ----------
        correction : Correction
            What somebody says.
        key : str | None
            Whatever has the same key is the same correction, handed in again; 1 to 200
            characters. None takes the content for the key.

        Returns
        -------
        Added
            Its id, and how to take it back; the id that it has already where it was known.

        Raises
        ------
        InputError
            If the key cannot be one.
        StorageError
            If it cannot be kept.
        """
        check_text(key, "the idempotency key", most=MOST_NAME)
        if key == "":
            raise InputError("The idempotency key is empty.", remedy="Give none, or a random one.")
        own, token = str(uuid.uuid4()), secrets.token_urlsafe(32)
        values = written(correction) | {
            "id": own,
            "key": f"content:{correction.content}" if key is None else f"given:{key}",
            "created_at": moments.written(self._clock()),
            "status": "waiting",
            "undo_hash": hashed(token),
        }
        # One statement looks and keeps, so that nobody can come between.
        insert = self._database.place.insert().values(values)
        insert = insert.on_conflict_do_nothing(index_elements=["key"])
        known = select(_C.id).where(_C.key == values["key"])
        found = None
        with self._database.transaction(write=True) as connection:
            while found is None:  # a known one may be taken back before it is looked up
                found = connection.execute(insert.returning(_C.id)).scalar_one_or_none()
                found = found or connection.execute(known).scalar_one_or_none()
        is_new = found == own
        return Added(id=found, undo=token if is_new else None, is_new=is_new)

    def get(self, id: str) -> Entry | None:  # noqa: A002  the word that callers have for it
        """Look a correction up.

        Parameters
        ----------
        id : str
            Its id.

        Returns
        -------
        Entry | None
            None if there is none.
        """
        if not is_id(id):
            return None
        with self._database.transaction(write=False) as connection:
            row = connection.execute(select(CORRECTIONS).where(_C.id == id)).one_or_none()
        return None if row is None else read(row)

    def undo(self, id: str, token: str) -> bool:  # noqa: A002
        """Take a correction back, as whoever gave it: it is deleted, whatever was decided.

        Parameters
        ----------
        id : str
            Its id.
        token : str
            What `add` gave for it.

        Returns
        -------
        bool
            Whether the token is the right one and the correction is gone.
        """
        if not is_id(id):
            return False
        with self._database.transaction(write=True) as connection:
            found = connection.execute(select(_C.undo_hash).where(_C.id == id)).scalar_one_or_none()
            # The same work for an id that there is not: time tells nothing of what exists.
            if not hmac.compare_digest(hashed(token), found or hashed("")) or found is None:
                return False
            connection.execute(delete(CORRECTIONS).where(_C.id == id))
        return True

    def decide(self, id: str, decision: str) -> bool:  # noqa: A002
        """Accept or reject a correction, or have it wait again.

        Parameters
        ----------
        id : str
            Its id.
        decision : str
            ``"accept"``, ``"reject"`` or ``"wait"``.

        Returns
        -------
        bool
            Whether there is such a correction.

        Raises
        ------
        InputError
            If there is no such decision.
        """
        if decision not in DECISIONS:
            problem = f"There is no decision {decision!r}."
            raise InputError(problem, remedy=suggest(decision, DECISIONS))
        if not is_id(id):
            return False
        decided = None if decision == "wait" else moments.written(self._clock())
        change = update(CORRECTIONS).where(_C.id == id)
        change = change.values(status=DECISIONS[decision], decided_at=decided)
        with self._database.transaction(write=True) as connection:
            return connection.execute(change).rowcount > 0

    def list(
        self,
        *,
        status: str | None = None,
        label: str | None = None,
        order: str = "oldest",
        after: str | None = None,
        limit: int = 100,
    ) -> Page:
        """List corrections page by page.

        Parameters
        ----------
        status : str | None
            Only those of this status.
        label : str | None
            Only those of this corrected label.
        order : str
            ``"oldest"`` or ``"newest"`` first, or by ``"label"``.
        after : str | None
            Where the page before ended.
        limit : int
            Most of them, 1 to 1,000.

        Returns
        -------
        Page
            Some, and where the next page begins. What comes in meanwhile shifts no page.

        Raises
        ------
        InputError
            If there is no such status or order, or the page is out of range.
        """
        if not 1 <= limit <= MOST_LISTED:
            problem = f"A page cannot have {limit} corrections."
            raise InputError(problem, remedy=f"Ask for 1 to {MOST_LISTED:,}.")
        check_text(label, "the label", most=MOST_NAME)
        sorting = order_of(order)
        query = select(CORRECTIONS).order_by(*sorting.terms).limit(limit + 1)
        if status is not None:
            if status not in get_args(Status):
                problem = f"There is no status {status!r}."
                raise InputError(problem, remedy=suggest(status, get_args(Status)))
            query = query.where(_C.status == status)
        if label is not None:
            query = query.where(_C.label == label)
        if after is not None:
            query = query.where(sorting.behind(after))
        with self._database.transaction(write=False) as connection:
            rows = connection.execute(query).all()
        more = sorting.mark(rows[limit - 1]) if len(rows) > limit else None
        return Page(tuple(read(row) for row in rows[:limit]), more)

    def export(self) -> Iterator[Entry]:
        """Read the accepted corrections, the oldest first.

        Yields
        ------
        Entry
            One after the other; no transaction is open in between.
        """
        after: str | None = None
        while True:
            page = self.list(status="accepted", after=after, limit=_AT_ONCE)
            yield from page.entries
            after = page.after
            if after is None:
                return

    def stats(self) -> Stats:
        """Count the corrections.

        Returns
        -------
        Stats
            All counts of one moment.
        """
        day = func.substr(_C.created_at, 1, len("2026-11-30"))
        with self._database.transaction(write=False) as connection:
            by_status, by_label, by_digest, by_day = (
                _counts(connection, column) for column in (_C.status, _C.label, _C.digest, day)
            )
        return Stats(
            n=sum(by_status.values()),
            by_status={name: by_status.get(name, 0) for name in get_args(Status)},
            by_label=_commonest(by_label),
            by_digest=_commonest(by_digest),
            by_day=dict(sorted(by_day.items())),
        )

    def delete(self, ids: Sequence[str] = (), *, older_than: dt.datetime | None = None) -> int:
        """Delete corrections for good.

        Parameters
        ----------
        ids : Sequence[str]
            Those of these ids; what there is not is passed over.
        older_than : dt.datetime | None
            And those that came before this moment, which needs a zone.

        Returns
        -------
        int
            How many are gone.

        Raises
        ------
        InputError
            If the moment has no zone.
        """
        known = [one for one in ids if is_id(one)]
        gone = 0
        with self._database.transaction(write=True) as connection:
            for start in range(0, len(known), _AT_ONCE):
                some = delete(CORRECTIONS).where(_C.id.in_(known[start : start + _AT_ONCE]))
                gone += connection.execute(some).rowcount
            if older_than is not None:
                old = delete(CORRECTIONS).where(_C.created_at < moments.written(older_than))
                gone += connection.execute(old).rowcount
        return gone

    def retain(self, days: float) -> int:
        """Delete what is older than some days, whatever its status.

        Parameters
        ----------
        days : float
            From 0 on.

        Returns
        -------
        int
            How many are gone.

        Raises
        ------
        InputError
            If the number is out of range.
        """
        try:
            before = self._clock() - dt.timedelta(days=days)
        except (OverflowError, ValueError):
            before = None
        if before is None or days < 0:
            problem = f"Corrections cannot be kept for {days} days."
            raise InputError(problem, remedy="Give a number of days from 0 on.")
        return self.delete(older_than=before)


def _counts(connection: Connection, column: Any) -> dict[str, int]:  # noqa: ANN401  any expression
    found = connection.execute(select(column, func.count()).group_by(column))
    return {name or "": int(n) for name, n in found}


def _commonest(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
