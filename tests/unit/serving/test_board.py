from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.act import Act
from newsdesk.serving.board import Board
from newsdesk.serving.call import Call, Reply
from newsdesk.serving.settings import Keys, Settings

KEY, MANAGEMENT = "0123456789abcdef", "fedcba9876543210"


def test_methods_of_one_path_are_one_route() -> None:
    async def handler(_call: Call) -> Reply:
        return Reply(b"{}")

    board = Board(Settings(models={"a": Path("a")}))
    for method in ("POST", "GET"):
        board.add(method, "/x", handler, name=method, act=Act("Do."))
    (route,) = board.routes
    assert route.methods == {"POST", "GET", "HEAD"}
    assert [entry.name for entry in board.entries] == ["POST", "GET"]


def test_a_method_that_is_not_there_is_told_of_all_that_are(ask: Callable[..., Any]) -> None:
    found = ask("PUT", "/api/v1/feedback")
    assert (found.status_code, found.json()["code"]) == (405, "method_not_allowed")
    allowed = {one.strip() for one in found.headers["allow"].split(",")}
    assert allowed == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("path", "method", "keys"),
    [
        ("/healthz", "GET", {"": 200, KEY: 200}),
        ("/api/v1/models", "GET", {"": 401, KEY: 200, MANAGEMENT: 200}),
        ("/v2/repository/models/none/load", "POST", {"": 401, KEY: 401, MANAGEMENT: 404}),
    ],
)
def test_routes_let_those_in_whom_they_are_for(
    ask: Callable[..., Any], path: str, method: str, keys: dict[str, int]
) -> None:
    settings = {"keys": Keys((KEY,), (MANAGEMENT,))}
    for key, status in keys.items():
        headers = {"X-API-Key": key} if key else {}
        assert ask(method, path, headers=headers, settings=settings).status_code == status
