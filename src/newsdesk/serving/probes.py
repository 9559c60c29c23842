"""Whether the server lives and is ready, and what it counts."""

from __future__ import annotations

import msgspec

from newsdesk.serving.act import Act
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, said
from newsdesk.serving.desk import Desk

__all__ = ["add_routes"]


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str = "alive"


class Ready(msgspec.Struct, frozen=True):
    """Models are loaded and warm."""

    models: dict[str, str]
    """Digests by name."""
    status: str = "ready"


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
        return said(Alive())

    async def ready(_call: Call) -> Reply:
        digests = {served.name: served.digest for served in desk.catalogue.values()}
        return said(Ready(digests))

    async def metrics(_call: Call) -> Reply:
        text, kind = desk.meters.page()
        return Reply(text, content_type=kind)

    act = Act("Say that the server lives.", tag="probes", gives=Alive)
    board.add("GET", "/healthz", healthy, name="healthz", act=act, who="everybody")
    act = Act("Say which versions are served.", tag="probes", gives=Ready)
    board.add("GET", "/readyz", ready, name="readyz", act=act, who="everybody")
    act = Act("Tell Prometheus what was counted.", tag="probes", kind="text/plain")
    board.add("GET", "/metrics", metrics, name="metrics", act=act)
