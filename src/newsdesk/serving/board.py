"""The board of routes: who may ask each, and how its request is read."""

from __future__ import annotations

from typing import Literal, NamedTuple

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from newsdesk.errors import InputError
from newsdesk.serving import bodies
from newsdesk.serving.act import Act
from newsdesk.serving.call import Call, Handler
from newsdesk.serving.faults import ServingError, translated
from newsdesk.serving.keys import Doorman
from newsdesk.serving.settings import Settings

__all__ = ["Board", "Entry", "Who"]

Who = Literal["everybody", "clients", "management"]
"""Who may ask a route; clients are everybody where there are no keys."""


class Entry(NamedTuple):
    """A method of a route."""

    method: str
    path: str
    handler: Handler
    name: str
    who: Who
    act: Act
    aliases: tuple[str, ...]
    untyped: bool


class Board:
    """Collects routes.

    Parameters
    ----------
    settings : Settings
        Keys and limits.
    """

    def __init__(self, settings: Settings) -> None:
        self.doorman = Doorman(settings.keys)
        self.routes: list[Route] = []
        self.entries: list[Entry] = []
        self._limits = settings.limits
        self._places: dict[str, tuple[Route, _Endpoint]] = {}

    def add(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        name: str,
        act: Act,
        who: Who = "clients",
        aliases: tuple[str, ...] = (),
        untyped: bool = False,
    ) -> None:
        """Put a route on the board; those that are asked most come first.

        Parameters
        ----------
        method : str
            ``GET``, ``POST`` or ``DELETE``.
        path : str
            As Starlette writes paths.
        handler : Handler
            Answers.
        name : str
            In metrics and logs.
        act : Act
            For the documentation.
        who : Who
            Who may ask.
        aliases : tuple[str, ...]
            Keys under which a refusal says its code besides ``code``.
        untyped : bool
            Whether a body need not be said to be JSON.
        """
        entry = Entry(method, path, handler, name, who, act, aliases, untyped)
        self.entries.append(entry)
        methods = [method, "HEAD"] if method == "GET" else [method]
        if path not in self._places:
            endpoint = _Endpoint(self)
            route = Route(path, endpoint, methods=methods, name=name)
            self._places[path] = route, endpoint
            self.routes.append(route)
        route, endpoint = self._places[path]
        route.methods = {*(route.methods or ()), *methods}
        endpoint.entries |= dict.fromkeys(methods, entry)

    async def read(self, call: Call, entry: Entry) -> None:
        """Let a request through and read its body.

        Parameters
        ----------
        call : Call
            The request.
        entry : Entry
            What it asks for.
        """
        if entry.who == "management":
            self.doorman.check_management(call)
        elif entry.who == "clients":
            self.doorman.check(call)
        call.body = await bodies.read(call, self._limits, untyped=entry.untyped)


class _Endpoint:
    """A route's end: hands the call to its handler, and leaves the reply to the gate."""

    def __init__(self, board: Board) -> None:
        self.entries: dict[str, Entry] = {}
        self._board = board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        call: Call = scope["newsdesk.call"]
        entry = self.entries[scope["method"]]
        scope["newsdesk.route"] = entry.name
        try:
            await self._board.read(call, entry)
            scope["newsdesk.reply"] = await entry.handler(call)
        except (InputError, ServingError) as error:
            refusal = error if isinstance(error, ServingError) else translated(error)
            refusal.aliases = entry.aliases
            raise refusal from error.__cause__
