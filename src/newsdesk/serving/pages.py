"""The page, its files and the documentation."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from importlib import resources
from typing import Any

from newsdesk.serving.act import Act
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply, said
from newsdesk.serving.faults import ServingError
from newsdesk.serving.openapi import document

__all__ = ["add_routes"]

_KINDS = {".html": b"text/html; charset=utf-8", ".js": b"text/javascript; charset=utf-8"}


def add_routes(board: Board, models: Sequence[str]) -> None:
    """Put pages on the board, after all other routes: these are described here.

    Parameters
    ----------
    board : Board
        Of the server.
    models : Sequence[str]
        Names of the served models.
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

    async def openapi(_call: Call) -> Reply:
        return described

    html, anything = "text/html", "*/*"
    for path, handler, name, kind, summary in (
        ("/", index, "page", html, "The page for one text and for many."),
        ("/review", review, "review_page", html, "The page for those who judge corrections."),
        ("/docs", docs, "docs_page", html, "This documentation."),
        ("/static/{name}", static, "static", anything, "A file of the pages."),
        ("/openapi.json", openapi, "openapi", "", "This documentation for programs."),
    ):
        act = Act(summary, tag="pages", gives=None if kind else dict[str, Any], kind=kind)
        board.add("GET", path, handler, name=name, act=act, who="everybody")
    described = said(document(board.entries, models))


def _files() -> dict[str, Reply]:
    found = {}
    for entry in resources.files("newsdesk.serving").joinpath("page").iterdir():
        kind = "." + entry.name.rpartition(".")[2]
        guessed = (mimetypes.guess_type(entry.name)[0] or "application/octet-stream").encode()
        found[entry.name] = Reply(entry.read_bytes(), content_type=_KINDS.get(kind, guessed))
    return found
