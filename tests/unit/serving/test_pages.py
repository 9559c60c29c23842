from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("path", ["/", "/review", "/docs"])
def test_a_page_may_load_nothing_from_elsewhere(ask: Callable[..., Any], path: str) -> None:
    found = ask("GET", path)
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert found.headers["content-security-policy"].startswith("default-src 'none'")
    assert "http" not in found.text.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("name", "kind"), [("style.css", "text/css"), ("docs.js", "text/javascript; charset=utf-8")]
)
def test_files_of_the_page_have_their_type(ask: Callable[..., Any], name: str, kind: str) -> None:
    assert ask("GET", f"/static/{name}").headers["content-type"] == kind


@pytest.mark.parametrize(
    "name", ["nothing.js", "..%2Fapp.py", "%2e%2e%2fapp.py", "..%5capp.py", "%00", "../app.py"]
)
def test_nothing_but_files_of_the_page_is_served(ask: Callable[..., Any], name: str) -> None:
    found = ask("GET", f"/static/{name}")
    assert (found.status_code, found.json()["code"]) == (404, "not_found")


def test_the_description_is_json(ask: Callable[..., Any]) -> None:
    assert ask("GET", "/openapi.json").json()["info"]["title"] == "newsdesk"
