"""uvicorn, as one process runs it."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from newsdesk.serving import Limits
from newsdesk.serving.logs import Log
from newsdesk.serving.server import Server


class App:
    """The least that a server needs of its application."""

    def __init__(self, stream: io.BytesIO) -> None:
        self.limits = Limits(drain_s=7.0)
        self.log = Log(stream)
        self.n_begun, self.is_busy = 0, False
        self.stop: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})


@pytest.fixture
def stream() -> io.BytesIO:
    return io.BytesIO()


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """Give loggers back as they were."""
    found = [logging.getLogger(name) for name in ("uvicorn.error", "asyncio")]
    before = [(logger, logger.handlers, logger.propagate) for logger in found]
    yield
    for logger, handlers, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate


def bound() -> socket.socket:
    """A socket for a server to listen on."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock


def test_it_tells_when_it_answers_and_ends_when_it_is_told(stream: io.BytesIO) -> None:
    app = App(stream)
    told: list[bool] = []

    def begun() -> None:
        with socket.create_connection(address):
            told.append(server.started)
        app.stop()

    server = Server(app, begun)  # type: ignore[arg-type]
    sock = bound()
    address = sock.getsockname()
    server.run(sockets=[sock])
    assert told == [True]
    assert stream.getvalue() == b""  # uvicorn's own prose is left out


def test_what_was_loaded_before_it_answers_is_not_searched_for_garbage(stream: io.BytesIO) -> None:
    app = App(stream)
    stays: list[object] = [[] for _ in range(100)]
    searched: list[int] = []

    def begun() -> None:
        own = {id(one) for one in stays}
        searched.append(sum(id(one) in own for one in gc.get_objects()))
        app.stop()

    try:
        Server(app, begun).run(sockets=[bound()])  # type: ignore[arg-type]
    finally:
        gc.unfreeze()
    assert searched == [0]


def test_it_waits_as_long_as_settings_say_and_trusts_no_proxy(stream: io.BytesIO) -> None:
    config = Server(App(stream), lambda: None).config  # type: ignore[arg-type]
    assert config.timeout_graceful_shutdown == 7
    assert not config.proxy_headers
    assert not config.server_header


def test_complaints_of_libraries_become_json(stream: io.BytesIO) -> None:
    Server(App(stream), lambda: None)  # type: ignore[arg-type]
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        logging.getLogger("asyncio").exception("A task\nfailed")
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["event"], line["message"]) == ("server", "A task\nfailed")
    assert "by nothing" in line["traceback"]


def test_signals_are_left_to_who_runs_it(stream: io.BytesIO) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Server(App(stream), lambda: None).capture_signals():  # type: ignore[arg-type]
        assert signal.getsignal(signal.SIGTERM) is before


def test_the_loop_is_the_fast_one(stream: io.BytesIO) -> None:
    factory = Server(App(stream), lambda: None).config.get_loop_factory()  # type: ignore[arg-type]
    assert factory is not None
    loop = factory()
    assert isinstance(loop, asyncio.AbstractEventLoop)
    assert type(loop).__module__ == "uvloop"
    loop.close()
