"""Triton's model repository extension: what is served, and serving a new version."""

from __future__ import annotations

import msgspec

from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError
from newsdesk.serving.reload import Reloader

__all__ = ["add_routes"]


def add_routes(board: Board, desk: Desk, reloader: Reloader) -> None:
    """Put the extension on the board.

    Parameters
    ----------
    board : Board
        Of the server.
    desk : Desk
        What is served.
    reloader : Reloader
        Exchanges versions.
    """

    async def index(_call: Call) -> Reply:
        listed = [
            {
                "name": served.name,
                "version": served.digest[:12],
                "state": "READY",
                "reason": "",
            }
            for served in desk.catalogue.values()
        ]
        return Reply(msgspec.json.encode(listed))

    async def load(call: Call) -> Reply:
        before = desk.catalogue.take(call.path_params["model"])
        served = await reloader.reload(before.name)
        said = {
            "name": served.name,
            "digest": served.digest,
            "version": served.digest[:12],
            "before": before.digest,
        }
        return Reply(msgspec.json.encode(said))

    async def unload(call: Call) -> Reply:
        served = desk.catalogue.take(call.path_params["model"])
        problem = f"{served.name} is served as long as the server runs."
        hint = "Start the server without it."
        raise ServingError(400, "no_unload", problem, hint)

    place = "/v2/repository"
    board.add("POST", f"{place}/index", index, name="repository_index")
    board.add("POST", f"{place}/models/{{model}}/load", load, name="load", who="management")
    board.add("POST", f"{place}/models/{{model}}/unload", unload, name="unload", who="management")
