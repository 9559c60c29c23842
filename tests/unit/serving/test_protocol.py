"""One connection, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from newsdesk.serving import Limits
from newsdesk.serving.bodies import WHOLE
from newsdesk.serving.protocol import Protocol

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
POST = HEAD + b"Content-Length: 2\r\n\r\n{}"


class App:
    """Answers when it is told to."""

    def __init__(self, **limits: Any) -> None:
        self.limits = Limits(**limits)
        self.n_begun = 0
        self.is_busy = False
        self.n_asked = 0
        self.refused: list[int] = []
        self.found_whole: list[bool] = []
        self.bodies: list[bytes] = []
        self.may_answer = asyncio.Event()

    def shed(self, status: int) -> None:
        self.refused.append(status)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.n_asked += 1
        self.found_whole.append(WHOLE in scope)
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.bodies.append(body)
        await self.may_answer.wait()
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.is_closed = self.is_aborted = False
        self.buffered = 0

    def write(self, data: bytes) -> None:
        assert not self.is_closed, "what is written now is lost"
        self.packets.append(data)

    @property
    def written(self) -> bytes:
        return b"".join(self.packets)

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_closed

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def get_extra_info(self, _name: str) -> None:
        return None

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Connection:
    def __init__(self, app: App) -> None:
        self.app, self.transport = app, Transport()
        config = uvicorn.Config(
            app, lifespan="off", log_config=None, interface="asgi3", proxy_headers=False
        )
        self.protocol = Protocol(config, ServerState(), {}, asyncio.get_running_loop())
        self.protocol.connection_made(self.transport)  # type: ignore[arg-type]

    async def send(self, data: bytes) -> None:
        self.protocol.data_received(data)
        await asyncio.sleep(0.01)

    @property
    def status(self) -> int:
        return int(self.transport.written.split()[1]) if self.transport.written else 0

    def drop(self) -> None:
        self.protocol.connection_lost(None)


def run(act: Callable[[Connection], Any], **limits: Any) -> None:
    async def live() -> None:
        connection = Connection(App(**limits))
        await act(connection)
        connection.app.may_answer.set()
        connection.drop()
        await asyncio.sleep(0.01)
        assert connection.app.n_begun == 0

    asyncio.run(live())


def test_requests_count_from_their_end_to_their_answer() -> None:
    async def act(connection: Connection) -> None:
        app = connection.app
        await connection.send(POST[:-1])
        assert (app.n_asked, app.n_begun) == (1, 0)
        await connection.send(POST[-1:])
        assert app.n_begun == 1
        app.may_answer.set()
        await asyncio.sleep(0.01)
        assert app.n_begun == 0
        assert connection.status == 200

    run(act)


def test_an_answer_is_one_packet() -> None:
    async def act(connection: Connection) -> None:
        connection.app.may_answer.set()
        await connection.send(POST)
        await connection.send(POST + GET)
        assert len(connection.transport.packets) == 3
        for packet in connection.transport.packets:
            assert packet.startswith(b"HTTP/1.1 200 OK\r\n")
            assert packet.endswith(b"\r\n\r\nok")

    run(act)


def test_a_head_without_a_body_does_not_wait() -> None:
    async def act(connection: Connection) -> None:
        connection.app.may_answer.set()
        await connection.send(GET.replace(b"GET", b"HEAD"))
        (packet,) = connection.transport.packets
        assert packet.endswith(b"\r\n\r\n")

    run(act)


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_the_last_answer_comes_before_the_end(method: bytes) -> None:
    async def act(connection: Connection) -> None:
        connection.app.may_answer.set()
        await connection.send(method + GET[3:-2] + b"Connection: close\r\n\r\n")
        assert b"connection: close" in connection.transport.written
        assert connection.transport.is_closed

    run(act)


def test_who_waits_for_a_word_before_the_body_gets_it_at_once() -> None:
    async def act(connection: Connection) -> None:
        await connection.send(HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert connection.transport.written == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.app.may_answer.set()
        await connection.send(b"{}")
        assert connection.transport.written.endswith(b"ok")

    run(act)


@pytest.mark.parametrize("length", [0, 1, 2])
def test_the_app_knows_whether_the_body_is_there(length: int) -> None:
    async def act(connection: Connection) -> None:
        whole = len(POST) - 2 + length
        await connection.send(POST[:whole])
        assert connection.app.found_whole == [length == 2]
        await connection.send(POST[whole:])

    run(act)


OFFER = HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUPGRADE: x\r\nUpgrade: h2c\r\n"
OFFERS = {
    "length": OFFER + b"Content-Length: 13\r\n\r\n\r\nUpgrade: a\n",
    "chunks": OFFER + b"Transfer-Encoding: chunked\r\n\r\nd\r\n\r\nUpgrade: a\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("cut", [None, 40, -18, -3])
@pytest.mark.parametrize("kind", OFFERS)
def test_a_client_that_offers_another_protocol_is_read_to_its_end(
    kind: str, cut: int | None
) -> None:
    async def act(connection: Connection) -> None:
        app = connection.app
        app.may_answer.set()
        for n in (1, 2):
            sent = OFFERS[kind]
            if cut:
                await connection.send(sent[:cut])
                sent = sent[cut:]
            await connection.send(sent)
            assert app.bodies == n * [b"\r\nUpgrade: a\n"]
            assert connection.transport.written.count(b"200 OK") == n

    run(act)


def test_a_request_whose_client_leaves_counts_no_more() -> None:
    async def act(connection: Connection) -> None:
        await connection.send(POST + GET + POST)
        assert connection.app.n_begun == 3

    run(act)


def test_a_busy_app_is_asked_nothing_that_costs_work() -> None:
    async def act(connection: Connection) -> None:
        connection.app.is_busy = True
        connection.app.may_answer.set()
        await connection.send(POST)
        assert (connection.status, connection.app.n_asked) == (503, 0)
        assert b"retry-after: 1" in connection.transport.written
        assert not connection.transport.is_closed
        assert connection.app.refused == [503]
        await connection.send(GET)
        assert connection.app.n_asked == 1
        connection.app.is_busy = False
        await connection.send(POST)
        assert connection.app.n_asked == 2

    run(act)


@pytest.mark.parametrize("more", [b"Connection: close\r\n", b"Expect: 100-continue\r\n"])
def test_a_refusal_ends_a_connection_that_cannot_go_on(more: bytes) -> None:
    async def act(connection: Connection) -> None:
        connection.app.is_busy = True
        await connection.send(HEAD + more + b"Content-Length: 2\r\n\r\n{}")
        assert connection.status == 503
        assert b"connection: close" in connection.transport.written
        assert connection.transport.is_closed

    run(act)


def test_the_body_of_a_refused_request_is_thrown_away_up_to_a_limit() -> None:
    async def act(connection: Connection) -> None:
        connection.app.is_busy = True
        await connection.send(HEAD + b"Content-Length: 100000\r\n\r\n")
        await connection.send(b"x" * 900)
        assert not connection.transport.is_closed
        await connection.send(b"x" * 200)
        assert connection.transport.is_closed
        assert connection.transport.written.count(b"HTTP/1.1") == 1

    run(act, body_bytes=1000)


@pytest.mark.parametrize("data", [b"", b"GET / HT", GET[:-2]])
def test_headers_that_do_not_come_in_time_are_refused(data: bytes) -> None:
    async def act(connection: Connection) -> None:
        if data:
            await connection.send(data)
        await asyncio.sleep(0.15)
        assert connection.status == 408
        assert connection.transport.is_closed

    run(act, header_s=0.1)


def test_the_second_request_has_a_deadline_too() -> None:
    async def act(connection: Connection) -> None:
        connection.app.may_answer.set()
        await connection.send(GET)
        await asyncio.sleep(0.15)
        assert not connection.transport.is_closed  # idle between requests
        await connection.send(b"GET / HT")
        await asyncio.sleep(0.15)
        assert b" 408 " in connection.transport.written
        assert connection.transport.is_closed

    run(act, header_s=0.1)


def test_an_answer_on_its_way_is_not_cut_by_the_headers_behind_it() -> None:
    async def act(connection: Connection) -> None:
        await connection.send(GET + b"GET / HT")
        await asyncio.sleep(0.15)
        assert not connection.transport.is_closed
        connection.app.may_answer.set()
        await asyncio.sleep(0.15)
        assert connection.transport.written.startswith(b"HTTP/1.1 200")
        assert b" 408 " in connection.transport.written

    run(act, header_s=0.1)


def test_long_headers_are_refused() -> None:
    async def act(connection: Connection) -> None:
        await connection.send(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(20):
            if not connection.transport.is_closed:
                await connection.send(b"x" * 8192)
        assert connection.status == 431
        assert connection.transport.is_closed

    run(act)


@pytest.mark.parametrize(
    "data",
    [b"\x16\x03\x01", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"G@T / HTTP/1.1\r\n"],
)
def test_what_is_no_http_is_refused(data: bytes) -> None:
    async def act(connection: Connection) -> None:
        await connection.send(data)
        assert (connection.status, connection.app.n_asked) == (400, 0)
        assert b'"code":"malformed_http"' in connection.transport.written
        assert connection.transport.is_closed

    run(act)


def test_a_client_that_reads_nothing_is_cut_off() -> None:
    async def act(connection: Connection) -> None:
        connection.transport.buffered = 10
        connection.protocol.timeout_keep_alive_handler()
        assert connection.transport.is_aborted

    run(act)
