"""Times as the store keeps them: UTC, in text that sorts by time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from newsdesk.errors import InputError

__all__ = ["Clock", "now", "read", "written"]

Clock = Callable[[], dt.datetime]
"""Tells the time, with its zone."""


def now() -> dt.datetime:
    """Tell the time by the clock of the machine.

    Returns
    -------
    dt.datetime
        In UTC.
    """
    return dt.datetime.now(dt.UTC)


def written(moment: dt.datetime) -> str:
    """Write a time as the store keeps it.

    Parameters
    ----------
    moment : dt.datetime
        With its zone.

    Returns
    -------
    str
        ISO 8601 in UTC with microseconds, always of the same width.

    Raises
    ------
    InputError
        If the zone is missing: such a time could mean any of two dozen.

    Examples
    --------
    >>> written(dt.datetime(2026, 3, 29, 3, 0, tzinfo=dt.timezone(dt.timedelta(hours=2))))
    '2026-03-29T01:00:00.000000+00:00'
    """
    if moment.tzinfo is None:
        problem = f"The time {moment} has no zone."
        raise InputError(problem, remedy="Say it in UTC: datetime.now(UTC).")
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def read(text: str) -> dt.datetime:
    """Read what `written` wrote.

    Parameters
    ----------
    text : str
        A time of the store.

    Returns
    -------
    dt.datetime
        In UTC.
    """
    return dt.datetime.fromisoformat(text)
