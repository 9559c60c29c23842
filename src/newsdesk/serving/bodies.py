"""Reading the body of a request: within its bytes and its seconds, or not at all."""

from __future__ import annotations

import asyncio
import time

from starlette.types import Message

from newsdesk.serving.call import Call
from newsdesk.serving.faults import ServingError, client_gone
from newsdesk.serving.settings import Limits

__all__ = ["WHOLE", "read"]

WHOLE = "newsdesk.whole"
"""In the scope of a request whose body has come to its end, as `Protocol` says."""
_SPARE_BYTES = 8 << 20
"""A body whose length is told, and more than is allowed by no more than this, is read to its end
and forgotten: most clients read nothing before they have sent everything."""
_KINDS = ("application/json", "application/octet-stream")


async def read(call: Call, limits: Limits, *, untyped: bool = False) -> bytes:
    """Read a body.

    Parameters
    ----------
    call : Call
        The request, of which nothing but the headers has been read.
    limits : Limits
        Bytes and seconds.
    untyped : bool
        Whether it need not be said to be JSON: a client of Triton never says so.

    Returns
    -------
    bytes
        All of it; empty where there is none.

    Raises
    ------
    ServingError
        408 if it comes too slowly, 413 if it is too long, 415 if it is compressed or not said to be
        JSON, 499 if the client goes away.
    """
    if not _has_body(call, limits):
        return b""
    kind = call.header(b"content-type").partition(";")[0].strip().lower()
    if kind not in _KINDS and (kind or not untyped):
        hint = "Send it with Content-Type: application/json."
        raise ServingError(415, "content_type", "The body is not said to be JSON.", hint)
    end = time.monotonic() + limits.body_s
    spare = _SPARE_BYTES if call.header(b"content-length") else 0
    parts, n, more = [], 0, True
    while more:
        message = await _next(call, end)
        part: bytes = message.get("body", b"")
        n += len(part)
        more = message.get("more_body", False)
        if n <= limits.body_bytes:
            parts.append(part)
        elif n <= limits.body_bytes + spare:
            parts.clear()
        else:
            raise _too_large(limits, close=True)
    if n > limits.body_bytes:
        raise _too_large(limits, close=False)
    return b"".join(parts)


def _has_body(call: Call, limits: Limits) -> bool:
    found = False
    for name, value in call.scope["headers"]:
        if name == b"content-length":
            found = value != b"0"
            length = int(value) if value.isdigit() else 0
            waits = bool(call.header(b"expect"))
            if length > limits.body_bytes + (0 if waits else _SPARE_BYTES):
                raise _too_large(limits, close=True)
        elif name == b"transfer-encoding":
            found = True
        elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            problem, hint = "The body is compressed.", "Send it as it is."
            raise ServingError(415, "content_encoding", problem, hint)
    return found


async def _next(call: Call, end: float) -> Message:
    try:
        if WHOLE in call.scope:  # most bodies come with their headers: there is no time to keep
            message = await call.receive()
        else:
            async with asyncio.timeout(end - time.monotonic()):
                message = await call.receive()
    except TimeoutError:
        problem, hint = "The body did not come in time.", "Send the request again, at once."
        late = {"Connection": "close"}
        raise ServingError(408, "body_timeout", problem, hint, late) from None
    if message["type"] == "http.disconnect":
        raise client_gone()
    return message


def _too_large(limits: Limits, *, close: bool) -> ServingError:
    problem = f"The body is longer than {limits.body_bytes:,} bytes."
    hint = "Send fewer or shorter texts."
    # What is still to come is not read.
    headers = {"Connection": "close"} if close else {}
    return ServingError(413, "body_too_large", problem, hint, headers)
