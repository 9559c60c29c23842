"""Stores of corrections, opened and closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra feedback")

from newsdesk.feedback import open_store
from newsdesk.feedback.store import Store


class FakeClock:
    """A second passes with each look at it."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 3, 29, 0, 59, 58, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(feedback_url: str, clock: FakeClock) -> Iterator[Store]:
    with open_store(feedback_url, clock=clock) as opened:
        yield opened
