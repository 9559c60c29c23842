"""The page, its files and the documentation."""

from __future__ import annotations

import mimetypes
from importlib import resources

import msgspec

from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply
from newsdesk.serving.faults import ServingError
from newsdesk.serving.openapi import document

__all__ = ["add_routes"]

_KINDS = {".html": b"text/html; charset=utf-8", ".js": b"text/javascript; charset=utf-8"}


def add_routes(board: Board) -> None:
    """Put pages on the board.

    Parameters
    ----------
    board : Board
        Of the server.
    """
    files = _files()

    def page(name: str) -> Reply:
        found = files.get(name)
        if found is None:
            problem, hint = "There is nothing at this address.", "The page is at /."
            raise ServingError(404, "not_found", problem, hint)
        return found

    async def index(_call: Call) -> Reply:
        return page("index.html")

    async def review(_call: Call) -> Reply:
        return page("review.html")

    async def docs(_call: Call) -> Reply:
        return page("docs.html")

    async def static(call: Call) -> Reply:
        return page(call.path_params["name"])  # a key of what was read at the start, never a path

    described = Reply(msgspec.json.encode(document()))

    async def openapi(_call: Call) -> Reply:
        return described

    for path, handler, name in (
        ("/", index, "page"),
        ("/review", review, "review_page"),
        ("/docs", docs, "docs_page"),
        ("/openapi.json", openapi, "openapi"),
        ("/static/{name}", static, "static"),
    ):
        board.add("GET", path, handler, name=name, who="everybody")


def _files() -> dict[str, Reply]:
    found = {}
    for entry in resources.files("newsdesk.serving").joinpath("page").iterdir():
        kind = "." + entry.name.rpartition(".")[2]
        guessed = (mimetypes.guess_type(entry.name)[0] or "application/octet-stream").encode()
        found[entry.name] = Reply(entry.read_bytes(), content_type=_KINDS.get(kind, guessed))
    return found
