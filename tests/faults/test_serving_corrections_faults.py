"""Rows 34-36 over HTTP: corrections are stored once, or the client is told that they are not."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra feedback")

PLACE = "/api/v1/feedback"


def correction(text: str) -> dict[str, Any]:
    return {"fields": {"text": text}, "label": "SPORT"}


def stored(path: Path) -> list[str]:
    from newsdesk.feedback import open_store

    store = open_store(f"sqlite:///{path}")
    try:
        entries, after = [], None
        while True:
            page = store.list(limit=100, after=after)
            entries += [entry.id for entry in page.entries]
            after = page.after
            if after is None:
                return entries
    finally:
        store.close()


# Row 34: the server is killed.


def test_no_acknowledged_correction_is_lost_when_all_processes_are_killed(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "corrections.db"
    for n_round in range(2):
        server = start(feedback=f"sqlite:///{path}", workers=2)
        acknowledged: list[str] = []

        def write(server: Any = server, into: list[str] = acknowledged, n: int = n_round) -> None:
            connection = server.open()
            with suppress(OSError, HTTPException):
                for number in range(10_000):
                    said = correction(f"{n} {number} {threading.get_ident()}")
                    answer = server.ask("POST", PLACE, said, on=connection)
                    if answer.status == 201:
                        into.append(answer.json["id"])
            connection.close()

        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        time.sleep(1.0 + 0.37 * n_round)
        workers = server.workers
        server.process.kill()
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        for writer in writers:
            writer.join()
        assert acknowledged
        assert set(acknowledged) <= set(stored(path))
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


# Row 35: the database cannot be written.


def test_a_locked_database_holds_up_no_prediction(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "corrections.db"
    server = start(feedback=f"sqlite:///{path}")
    assert server.ask("POST", PLACE, correction("before")).status == 201
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    found: list[tuple[Any, float]] = []

    def write() -> None:
        begun = time.monotonic()
        found.append((server.ask("POST", PLACE, correction("meanwhile")), time.monotonic() - begun))

    writer = threading.Thread(target=write)
    writer.start()
    slowest = 0.0
    while writer.is_alive():
        begun = time.monotonic()
        assert server.predict().status == 200
        slowest = max(slowest, time.monotonic() - begun)
    writer.join()
    other.execute("ROLLBACK")
    other.close()
    ((answer, seconds),) = found
    assert (answer.status, answer.code) == (503, "feedback_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert 1.5 < seconds < 4.0
    assert slowest < 1.0
    assert server.ask("POST", PLACE, correction("after")).status == 201
    assert len(stored(path)) == 2


# Row 36: the same correction again.


@pytest.mark.parametrize("workers", [1, 2])
def test_one_key_makes_one_correction_however_often_it_is_sent(
    start: Callable[..., Any], tmp_path: Path, workers: int
) -> None:
    path = tmp_path / "corrections.db"
    server = start(feedback=f"sqlite:///{path}", workers=workers)
    found: list[Any] = []

    def write() -> None:
        found.append(server.ask("POST", PLACE, correction("again"), Idempotency_Key="once-1"))

    writers = [threading.Thread(target=write) for _ in range(50)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(answer.status for answer in found) == [200] * 49 + [201]
    assert len({answer.json["id"] for answer in found}) == 1
    assert len(stored(path)) == 1


def test_what_was_acknowledged_before_a_stop_is_stored(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "corrections.db"
    server = start(feedback=f"sqlite:///{path}")
    connections = [server.open() for _ in range(20)]
    for connection in connections:
        connection.connect()
    found: list[int] = []

    def write(number: int, on: Any) -> None:
        found.append(server.ask("POST", PLACE, correction(f"last {number}"), on=on).status)
        on.close()

    writers = [threading.Thread(target=write, args=one) for one in enumerate(connections)]
    for writer in writers:
        writer.start()
    time.sleep(0.1)
    assert server.end() == 0
    for writer in writers:
        writer.join()
    assert found == [201] * 20
    assert len(stored(path)) == 20
