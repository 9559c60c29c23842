"""The one ASGI wrapper: all that every request goes through before and after its route."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Router
from starlette.types import Receive, Scope, Send

from newsdesk.errors import NewsdeskError
from newsdesk.serving.call import JSON, Call, Reply
from newsdesk.serving.faults import ServingError, body_of, failed, translated
from newsdesk.serving.keys import Doorman
from newsdesk.serving.logs import Log
from newsdesk.serving.meters import Meters
from newsdesk.serving.origins import Addresses, network_of, refuse_foreign_pages
from newsdesk.serving.rates import Rates
from newsdesk.serving.settings import Settings

__all__ = ["Gate"]

_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,64}")
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    b"img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_ON_PAGES = ((b"content-security-policy", _POLICY), (b"x-frame-options", b"DENY"))


class Gate:
    """Hands requests to their routes, and answers in words whatever becomes of them.

    Parameters
    ----------
    routes : Sequence[BaseRoute]
        What is behind the gate; a route's name stands for it in metrics and logs.
    doorman : Doorman
        Knows the keys.
    settings : Settings
        Rates and proxies.
    log : Log
        Told of every request.
    meters : Meters
        Told too.
    """

    def __init__(
        self,
        routes: Sequence[BaseRoute],
        doorman: Doorman,
        settings: Settings,
        log: Log,
        meters: Meters,
    ) -> None:
        self._router = Router(routes, redirect_slashes=False)
        self._doorman = doorman
        self._rates = Rates(settings.limits.rate)
        self._addresses = Addresses(settings.proxies)
        self._log, self._meters = log, meters
        self._prefix, self._n = os.urandom(6).hex(), 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            return
        start = time.perf_counter()
        call = Call(scope, b"", receive)
        identifier = self._identifier(call)
        client = self._addresses.of(call)
        scope["newsdesk.call"], scope["newsdesk.route"] = call, "none"
        scope["app"] = self  # so that the router raises instead of answering in plain text
        try:
            refuse_foreign_pages(call)
            if self._rates.rate:
                # Whoever makes keys up is still the one at that address.
                self._rates.take(self._doorman.owner(call) or network_of(client))
            await self._router(scope, receive, send)
            reply: Reply = scope["newsdesk.reply"]
        except ServingError as error:
            reply = _refusal(error)
        except HTTPException as error:
            reply = _refusal(_not_routed(error))
        except asyncio.CancelledError:  # the server ends, and has waited long enough
            reply = _refusal(_stopping())
        except NewsdeskError as error:
            reply = _refusal(translated(error))
            if reply.status >= 500:
                self._log.failure(identifier, error)
        except Exception as error:
            self._log.failure(identifier, error)
            reply = _refusal(failed())
        await self._send(reply, identifier, send)
        seconds, route = time.perf_counter() - start, scope["newsdesk.route"]
        self._meters.answered(route, scope["method"], reply.status, seconds)
        self._log.request(
            identifier=identifier,
            route=route,
            method=scope["method"],
            status=reply.status,
            seconds=seconds,
            client=client,
        )

    def _identifier(self, call: Call) -> str:
        given = call.header(b"x-request-id")
        if given and _IDENTIFIER.fullmatch(given):
            return given
        self._n += 1
        return f"{self._prefix}-{self._n:x}"

    async def _send(self, reply: Reply, identifier: str, send: Send) -> None:
        what = [
            (b"content-type", reply.content_type),
            (b"content-length", str(len(reply.body)).encode()),
        ]
        headers = [
            *(what if reply.status != 204 else ()),
            (b"x-request-id", identifier.encode()),
            *_ALWAYS,
            *reply.headers,
        ]
        if reply.content_type != JSON:
            headers += _ON_PAGES
        start = {"type": "http.response.start", "status": reply.status, "headers": headers}
        try:
            await send(start)
            await send({"type": "http.response.body", "body": reply.body})
        except OSError:  # the client has gone
            return


def _refusal(error: ServingError) -> Reply:
    headers = tuple(
        (name.lower().encode(), value.encode("latin-1", "replace"))
        for name, value in error.headers.items()
    )
    return Reply(body_of(error), error.status, headers=headers)


def _not_routed(error: HTTPException) -> ServingError:
    if error.status_code == 405:
        problem, hint = "The method is not allowed here.", "The documentation is at /docs."
        return ServingError(405, "method_not_allowed", problem, hint, dict(error.headers or {}))
    problem, hint = "There is nothing at this address.", "The documentation is at /docs."
    return ServingError(404, "not_found", problem, hint)


def _stopping() -> ServingError:
    problem, hint = "The server is being stopped.", "Send the request again in some seconds."
    return ServingError(503, "stopping", problem, hint, {"Retry-After": "5"})
