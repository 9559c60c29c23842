"""HTTP/1.1 by uvicorn, and what it lacks: bounds for slow clients, refusals that cost nothing."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from newsdesk.serving.bodies import WHOLE
from newsdesk.serving.faults import ServingError, body_of
from newsdesk.serving.work import overloaded

__all__ = ["Protocol"]

_MOST_HEADER_BYTES = 1 << 16
_OFFER = re.compile(rb"\r\nupgrade[ \t]*:", re.IGNORECASE)
_PHRASES = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


def _written(error: ServingError, *, close: bool = True) -> bytes:
    body = body_of(error)
    lines = [
        f"HTTP/1.1 {error.status} {_PHRASES[error.status]}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *(f"{name.lower()}: {value}" for name, value in error.headers.items()),
        *(["connection: close"] if close else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


_BUSY, _BUSY_LAST = _written(overloaded(), close=False), _written(overloaded())
_LATE = _written(
    ServingError(408, "header_timeout", "The headers did not come in time.", "Send them at once.")
)
_LONG = _written(
    ServingError(431, "headers_too_large", "The headers are too long.", "Send fewer headers.")
)
_WRONG = _written(
    ServingError(400, "malformed_http", "This is no valid HTTP request.", "Send HTTP/1.1.")
)


def _without_offer(data: bytes) -> bytes:
    """Hide that a client offers another protocol, as those in Java do with each first request.

    A server may ignore the offer (RFC 9110, section 7.8), but httptools then takes the request to
    have no body.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    return _OFFER.sub(b"\r\nx-offered:", head) + end + rest


class _Joined:
    """A transport for the answers of uvicorn's cycles: a head waits for its body.

    Uvicorn writes them apart, and each write is a packet, which costs both sides more than all else
    that is done to send an answer.

    Parameters
    ----------
    transport : asyncio.Transport
        What is written to.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write, unless it is a head: those of status 1xx have no body."""
        if data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 1"):
            self.flush()
            self._head = data
        else:
            self._transport.write(self._head + data)
            self._head = b""

    def flush(self) -> None:
        """Write what waits."""
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def close(self) -> None:
        """Close behind all that was written."""
        self.flush()
        self._transport.close()


class Protocol(HttpToolsProtocol):
    """One connection.

    Its app has more members than ASGI asks for: ``limits`` (`newsdesk.serving.Limits`);
    ``n_begun``, the number of requests that are there as a whole and not answered yet, kept here;
    ``is_busy``, whether one more would wait too long; and ``shed(status)``, called for each request
    that is refused before it becomes one.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._header_s: float = self.app.limits.header_s
        self._most_body: int = self.app.limits.body_bytes
        self._deadline: asyncio.TimerHandle | None = None
        self._in_headers = False
        self._is_shed = False
        self._n_bytes = 0
        """Of these headers, or of a body that is thrown away."""
        self._n_begun = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the first request is due from now on."""
        super().connection_made(transport)
        self._joined = _Joined(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._disarm()
        self.app.n_begun -= self._n_begun
        self._n_begun = 0
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what is not complete now has its time from now on."""
        if self._in_headers or self._is_shed:
            self._n_bytes += len(data)
            if self._n_bytes > (self._most_body if self._is_shed else _MOST_HEADER_BYTES):
                self._refuse(_LONG, 431)
                return
        if b"pgrade" in data and self._is_between():
            data = _without_offer(data)
        super().data_received(data)
        if (self._in_headers or self._is_shed) and self._deadline is None:
            self._arm()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_headers = True
        self._n_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its headers are there: begin it, or refuse it if too many wait already."""
        self._in_headers = False
        self._n_bytes = 0
        self._disarm()
        # Of two hosts, another server on the way may have believed the other one.
        if sum(name == b"host" for name, _ in self.headers) > 1:
            raise ValueError("a request names two hosts")
        cycle: object = self.cycle  # none before the first request
        is_next = cycle is None or self.cycle.response_complete
        if is_next and self.app.is_busy and self.parser.get_method() == b"POST":
            self._shed()
        else:
            super().on_headers_complete()
            self.cycle.transport = self._joined  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        """Part of its body is there."""
        if self._is_shed:
            return
        held: object = self.cycle.body
        if isinstance(held, bytes) and held:
            # Grows in place: to copy bytes for each of many tiny chunks takes seconds.
            self.cycle.body = bytearray(held)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is there."""
        if self._is_shed:
            self._is_shed = False
            self._disarm()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
            return
        scope: Any = self.cycle.scope
        scope[WHOLE] = True
        if not self.cycle.response_complete:
            self.app.n_begun += 1
            self._n_begun += 1
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It is answered."""
        self._joined.flush()  # an answer to HEAD has no body
        if self._n_begun:
            self.app.n_begun -= 1
            self._n_begun -= 1
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """No request came; a client that has not even read the last answer gets no more of it."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Refuse what is no HTTP, in the words of all refusals."""
        self._refuse(_WRONG, 400)

    def _shed(self) -> None:
        self.app.shed(503)
        if self.expect_100_continue or not self.parser.should_keep_alive():
            self.transport.write(_BUSY_LAST)
            self.transport.close()
        else:
            self.transport.write(_BUSY)
        self._is_shed = True

    def _refuse(self, words: bytes, status: int) -> None:
        """Say that this connection ends, unless an answer is on its way."""
        if self.transport.is_closing():
            return
        if not self._is_shed and not self._is_answering():
            self.app.shed(status)
            self.transport.write(words)
        self.transport.close()

    def _is_between(self) -> bool:
        """Whether what comes next belongs to headers."""
        cycle: object = self.cycle  # none before the first request
        return self._in_headers or (
            not self._is_shed and (cycle is None or not self.cycle.more_body)
        )

    def _is_answering(self) -> bool:
        cycle: object = self.cycle  # none before the first request
        if cycle is None or self.cycle.response_complete:
            return False
        return bool(self.pipeline) or self.cycle.response_started or not self.cycle.more_body

    def _arm(self) -> None:
        self._deadline = self.loop.call_later(self._header_s, self._late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self._in_headers and self._is_answering():  # those before are answered first
            self._arm()
        else:
            self._refuse(_LATE, 408)
