"""Triton's model repository extension: what is served, and serving a new version."""

from __future__ import annotations

import msgspec

from newsdesk.serving.act import Act
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, said
from newsdesk.serving.desk import Desk
from newsdesk.serving.faults import ServingError
from newsdesk.serving.reload import Reloader

__all__ = ["add_routes"]


class Held(msgspec.Struct, frozen=True):
    """A model of the repository."""

    name: str
    version: str
    state: str = "READY"
    reason: str = ""


class Loaded(msgspec.Struct, frozen=True):
    """The version that is served from now on."""

    name: str
    digest: str
    version: str
    before: str
    """Digest of the version that was served until then."""


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
        return said([Held(served.name, served.version) for served in desk.catalogue.values()])

    async def load(call: Call) -> Reply:
        before = desk.catalogue.take(call.path_params["model"])
        served = await reloader.reload(before.name)
        return said(Loaded(served.name, served.digest, served.version, before.digest))

    async def unload(call: Call) -> Reply:
        served = desk.catalogue.take(call.path_params["model"])
        problem = f"{served.name} is served as long as the server runs."
        hint = "Start the server without it."
        raise ServingError(400, "no_unload", problem, hint)

    tag, place = "model repository", "/v2/repository"
    act = Act("List the served models.", tag=tag, gives=list[Held])
    board.add("POST", f"{place}/index", index, name="repository_index", act=act, untyped=True)
    place = f"{place}/models/{{model}}"
    act = Act("Serve what stands in the model's folder now.", tag=tag, gives=Loaded)
    board.add("POST", f"{place}/load", load, name="load", act=act, who="management", untyped=True)
    act = Act("Always refused: a model is served as long as the server runs.", tag=tag, statuses=())
    board.add(
        "POST", f"{place}/unload", unload, name="unload", act=act, who="management", untyped=True
    )
