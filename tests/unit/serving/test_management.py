from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.settings import Keys

KEY = "0123456789abcdef"
SETTINGS = {"keys": Keys(management=(KEY,))}
HEADERS = {"Authorization": f"Bearer {KEY}"}


def test_the_repository_lists_what_is_served(ask: Callable[..., Any], news: Any) -> None:
    found = ask("POST", "/v2/repository/index").json()
    assert [one["name"] for one in found] == ["news", "pair"]
    assert found[0]["version"] == news.digest[:12]
    assert found[0]["state"] == "READY"


def test_loading_serves_what_stands_in_the_folder(ask: Callable[..., Any], news: Any) -> None:
    place = "/v2/repository/models/news/load"
    found = ask("POST", place, headers=HEADERS, settings=SETTINGS, content=b"{}").json()
    assert (found["digest"], found["before"]) == (news.digest, news.digest)


def test_loading_is_off_without_a_management_key(ask: Callable[..., Any]) -> None:
    found = ask("POST", "/v2/repository/models/news/load")
    assert (found.status_code, found.json()["code"]) == (403, "management_off")


def test_a_model_cannot_be_taken_away(ask: Callable[..., Any]) -> None:
    place = "/v2/repository/models/news/unload"
    found = ask("POST", place, headers=HEADERS, settings=SETTINGS)
    assert (found.status_code, found.json()["code"]) == (400, "no_unload")
