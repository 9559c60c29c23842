"""The board of routes: who may ask each, and how its request is read."""

from __future__ import annotations

from typing import Literal

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from newsdesk.serving import bodies
from newsdesk.serving.call import Call, Handler
from newsdesk.serving.keys import Doorman
from newsdesk.serving.settings import Settings

__all__ = ["Board", "Who"]

Who = Literal["everybody", "clients", "management"]
"""Who may ask a route; clients are everybody where there are no keys."""


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
        self._limits = settings.limits

    def add(
        self, method: str, path: str, handler: Handler, *, name: str, who: Who = "clients"
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
        who : Who
            Who may ask.
        """
        endpoint = _Endpoint(self, handler, name, who)
        self.routes.append(Route(path, endpoint, methods=[method], name=name))

    async def read(self, call: Call, who: Who) -> None:
        """Let a request through and read its body.

        Parameters
        ----------
        call : Call
            The request.
        who : Who
            Who may ask.
        """
        if who == "management":
            self.doorman.check_management(call)
        elif who == "clients":
            self.doorman.check(call)
        call.body = await bodies.read(call, self._limits)


class _Endpoint:
    """A route's end: hands the call to its handler, and leaves the reply to the gate."""

    def __init__(self, board: Board, handler: Handler, name: str, who: Who) -> None:
        self._board, self._handler, self._name, self._who = board, handler, name, who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        call: Call = scope["newsdesk.call"]
        scope["newsdesk.route"] = self._name
        await self._board.read(call, self._who)
        scope["newsdesk.reply"] = await self._handler(call)
