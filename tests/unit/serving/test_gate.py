"""What every request goes through, over routes that do what a test wants."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import ConfigError, DocumentTooLargeError, StorageError
from newsdesk.serving import Limits, Settings
from newsdesk.serving.act import Act
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply
from newsdesk.serving.faults import ServingError
from newsdesk.serving.gate import Gate
from newsdesk.serving.logs import Log
from newsdesk.serving.meters import Meters


class Way:
    """A gate before one route, ``/here``."""

    def __init__(self, act: Callable[[], Any], **limits: Any) -> None:
        settings = Settings({"news": Path("x")}, limits=Limits(**limits))
        board = Board(settings)

        async def handle(_call: Call) -> Reply:
            found: Reply = act()
            return found

        board.add("GET", "/here", handle, name="here", act=Act("Answer."))
        self.stream = io.BytesIO()
        self.meters = Meters()
        self.gate = Gate(board.routes, board.doorman, settings, Log(self.stream), self.meters)

    def ask(
        self, method: str = "GET", path: str = "/here", send: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        said: list[Any] = []

        async def keep(message: Any) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "root_path": "",
            "query_string": b"",
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
            "client": ("192.0.2.1", 1),
        }
        asyncio.run(self.gate(scope, self.receive, send or keep))
        if send is not None:
            return 0, {}, b""
        found = {k.decode(): v.decode() for k, v in said[0]["headers"]}
        return said[0]["status"], found, said[1]["body"]

    async def receive(self) -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    @property
    def log(self) -> list[dict[str, Any]]:
        self.gate._log.flush()
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def failing(error: BaseException) -> Way:
    def fail() -> Reply:
        raise error

    return Way(fail)


def test_an_answer_goes_through_with_the_headers_that_all_have() -> None:
    way = Way(lambda: Reply(b"{}", headers=((b"x-own", b"1"),)))
    status, headers, body = way.ask()
    assert (status, body, headers["x-own"]) == (200, b"{}", "1")
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == "2"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "content-security-policy" not in headers


def test_a_page_may_load_its_own_files_alone() -> None:
    _, headers, _ = Way(lambda: Reply(b"<p>", content_type=b"text/html")).ask()
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert headers["x-frame-options"] == "DENY"


def test_an_answer_without_content_says_nothing_of_it() -> None:
    _, headers, _ = Way(lambda: Reply(b"", 204)).ask()
    assert not {"content-type", "content-length"} & set(headers)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ServingError(418, "teapot", "A teapot.", "Take a pot."), 418, "teapot"),
        (DocumentTooLargeError("Too long.", remedy="Cut it."), 413, "document_too_large"),
        (StorageError("Full.", remedy="Make room."), 503, "storage_unavailable"),
        (ConfigError("Own secret.", remedy="x"), 500, "internal_error"),
        (ZeroDivisionError("own secret"), 500, "internal_error"),
        (asyncio.CancelledError(), 503, "stopping"),
    ],
)
def test_what_a_route_raises_is_put_into_words(
    error: BaseException, status: int, code: str
) -> None:
    way = failing(error)
    found, headers, body = way.ask()
    assert (found, json.loads(body)["code"]) == (status, code)
    assert headers["content-type"] == "application/json"
    assert b"secret" not in body


def test_what_nobody_foresaw_is_logged_with_its_place() -> None:
    way = failing(ZeroDivisionError("own secret"))
    way.ask(x_request_id="mine")
    error, request = way.log
    assert (error["event"], error["id"]) == ("error", "mine")
    assert "ZeroDivisionError" in error["traceback"]
    assert (request["event"], request["status"], request["route"]) == ("request", 500, "here")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/there", 404, "not_found"), ("PUT", "/here", 405, "method_not_allowed")],
)
def test_what_has_no_route_is_refused(method: str, path: str, status: int, code: str) -> None:
    way = Way(lambda: Reply(b"{}"))
    found, headers, body = way.ask(method, path)
    assert (found, json.loads(body)["code"]) == (status, code)
    assert way.log[0]["route"] == "none"
    if status == 405:
        assert "GET" in headers["allow"]


def test_identifiers_of_requests_differ() -> None:
    way = Way(lambda: Reply(b"{}"))
    assert len({way.ask()[1]["x-request-id"] for _ in range(5)}) == 5


def test_a_client_that_has_gone_is_no_fault() -> None:
    async def broken(_message: Any) -> None:
        raise BrokenPipeError

    way = Way(lambda: Reply(b"{}"))
    way.ask(send=broken)
    assert [line["event"] for line in way.log] == ["request"]


def test_the_rate_holds_for_what_has_no_route_too() -> None:
    way = Way(lambda: Reply(b"{}"), rate=0.5)
    assert [way.ask(path="/there")[0] for _ in range(2)] == [404, 429]


def test_requests_are_counted_by_route() -> None:
    way = Way(lambda: Reply(b"{}"))
    way.ask()
    way.ask(path="/there")
    page = way.meters.page()[0].decode()
    assert 'newsdesk_requests_total{method="GET",route="here",status="200"} 1.0' in page
    assert 'newsdesk_requests_total{method="GET",route="none",status="404"} 1.0' in page


def test_web_sockets_are_closed() -> None:
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    way = Way(lambda: Reply(b"{}"))
    asyncio.run(way.gate({"type": "websocket"}, way.receive, send))
    assert said == [{"type": "websocket.close", "code": 1000}]
