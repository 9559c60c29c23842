"""Whether the server lives and is ready, and what it counts."""

from __future__ import annotations

import msgspec

from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply
from newsdesk.serving.desk import Desk

__all__ = ["add_routes"]


def add_routes(board: Board, desk: Desk) -> None:
    """Put probes and metrics on the board.

    Parameters
    ----------
    board : Board
        Of the server.
    desk : Desk
        What is asked about.
    """

    async def healthy(_call: Call) -> Reply:
        return Reply(b'{"status":"alive"}')

    async def ready(_call: Call) -> Reply:
        digests = {served.name: served.digest for served in desk.catalogue.values()}
        return Reply(msgspec.json.encode({"status": "ready", "models": digests}))

    async def metrics(_call: Call) -> Reply:
        text, kind = desk.meters.page()
        return Reply(text, content_type=kind)

    board.add("GET", "/healthz", healthy, name="healthz", who="everybody")
    board.add("GET", "/readyz", ready, name="readyz", who="everybody")
    board.add("GET", "/metrics", metrics, name="metrics")
