"""HTTP/1.1 by uvicorn, and what it lacks: a deadline for headers, refusals that cost nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from newsdesk.serving.faults import ServingError, body_of
from newsdesk.serving.settings import Limits
from newsdesk.serving.work import overloaded

__all__ = ["Protocol"]


def _written(error: ServingError, *, close: bool) -> bytes:
    body = body_of(error)
    lines = [
        f"HTTP/1.1 {error.status} {_PHRASES[error.status]}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *(f"{name.lower()}: {value}" for name, value in error.headers.items()),
        *(["connection: close"] if close else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


_PHRASES = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}
_BUSY = _written(overloaded(), close=False)
_BUSY_LAST = _written(overloaded(), close=True)
_LATE = _written(
    ServingError(
        408, "header_timeout", "The headers did not come in time.", "Send the request again."
    ),
    close=True,
)
_WRONG = _written(
    ServingError(400, "malformed_http", "This is no HTTP request.", "Send HTTP/1.1."), close=True
)


class Protocol(HttpToolsProtocol):
    """One connection.

    Its app has two more members than ASGI asks for: ``limits`` (`newsdesk.serving.Limits`), and
    ``shed()``, which is called for every request that is refused before it becomes one.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        limits: Limits = self.app.limits
        self._most_waiting: int = limits.waiting
        self._header_s: float = limits.header_s
        self._deadline: asyncio.TimerHandle | None = None
        self._in_headers = False
        self._is_shed = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the first request is due from now on."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; headers that are not complete now have their time from now on."""
        super().data_received(data)
        if self._in_headers and self._deadline is None:
            self._arm()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_headers = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its headers are there: begin it, or refuse it if too many wait already."""
        self._in_headers = False
        self._disarm()
        cycle: object = self.cycle  # none before the first request
        is_next = cycle is None or self.cycle.response_complete
        if is_next and len(self.tasks) >= self._most_waiting:
            self._shed()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Part of its body is there."""
        if not self._is_shed:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is there."""
        if self._is_shed:
            self._is_shed = False
        else:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Refuse what is no HTTP, in the words of all refusals."""
        self.transport.write(_WRONG)
        self.transport.close()

    def _shed(self) -> None:
        self.app.shed()
        if self.expect_100_continue or not self.parser.should_keep_alive():
            self.transport.write(_BUSY_LAST)
            self.transport.close()
        else:
            self.transport.write(_BUSY)
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        self._is_shed = True

    def _arm(self) -> None:
        self._deadline = self.loop.call_later(self._header_s, self._late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.write(_LATE)
            self.transport.close()
