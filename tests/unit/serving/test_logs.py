"""Lines of JSON."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from newsdesk.serving.logs import Log


def lines(stream: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def ask(log: Log, status: int = 200, **more: Any) -> None:
    facts = {"identifier": "a", "route": "predict", "method": "POST", "client": "::1"} | more
    log.request(status=status, seconds=0.0123456, **facts)


def test_a_request_is_one_line_once_it_is_flushed() -> None:
    stream = io.BytesIO()
    log = Log(stream)
    ask(log)
    assert stream.getvalue() == b""
    log.flush()
    (line,) = lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "event": "request",
        "id": "a",
        "route": "predict",
        "method": "POST",
        "status": 200,
        "ms": 12.346,
        "client": "::1",
    }


@pytest.mark.parametrize(("status", "n"), [(200, 0), (404, 0), (500, 1), (503, 1)])
def test_only_what_the_server_is_at_fault_for_is_told_without_requests(status: int, n: int) -> None:
    stream = io.BytesIO()
    log = Log(stream, requests=False)
    ask(log, status)
    log.flush()
    assert len(lines(stream)) == n


def test_no_line_can_be_forged() -> None:
    stream = io.BytesIO()
    log = Log(stream)
    ask(log, method='X\r\n{"event":"forged"}', client="a\nb\x1b[2J")
    log.flush()
    assert [line["event"] for line in lines(stream)] == ["request"]
    assert b"\x1b" not in stream.getvalue()


def test_events_and_failures_are_written_at_once() -> None:
    stream = io.BytesIO()
    log = Log(stream)
    log.event("reloaded", digest="abc")
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        log.failure("a", error)
    reloaded, failed = lines(stream)
    assert reloaded["digest"] == "abc"
    assert (failed["event"], failed["id"]) == ("error", "a")
    assert "by nothing" in failed["traceback"]


def test_a_reader_that_has_gone_stops_nothing() -> None:
    stream = io.BytesIO()
    log = Log(stream)
    stream.close()
    log.event("reloaded")
    ask(log)
    log.flush()
