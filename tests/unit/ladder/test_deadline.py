from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from newsdesk.ladder.deadline import Deadline, OutOfTimeError
from newsdesk.types import Renaming, Silent


class Heard:
    """A `Progress` that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    @contextmanager
    def task(self, name: str, total: int, unit: str) -> Iterator[Any]:
        yield self.told.append
        self.told.append(f"end of {name}")

    def rename(self, name: str, text: str) -> None:
        self.told.append((name, text))


def test_before_the_end_everything_is_passed_on() -> None:
    heard = Heard()
    deadline = Deadline(heard, 1000.0)
    with deadline.task("fits", 3, "fits") as done:
        done(2)
        assert isinstance(deadline, Renaming)
        deadline.rename("fits", "best")
    assert heard.told == [2, ("fits", "best"), "end of fits"]
    Deadline(Silent(), 1000.0).rename("fits", "nobody listens")


def test_after_the_end_no_task_is_opened() -> None:
    with (
        pytest.raises(OutOfTimeError, match="over"),
        Deadline(Silent(), -1.0).task("fits", 3, "fits"),
    ):
        pytest.fail("the task was opened")


def test_work_stops_where_it_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.perf_counter", lambda: now)
    worked = []
    deadline = Deadline(Silent(), 2.5)

    def work() -> None:
        nonlocal now
        with deadline.task("fits", 9, "fits") as done:
            for step in range(9):
                now += 1.0
                worked.append(step)
                done(1)

    with pytest.raises(OutOfTimeError, match="over"):
        work()
    assert worked == [0, 1, 2]
