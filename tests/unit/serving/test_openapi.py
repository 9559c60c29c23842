from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.app import App
from newsdesk.serving.board import Entry
from newsdesk.serving.catalogue import Catalogue
from newsdesk.serving.openapi import document
from newsdesk.serving.settings import Settings


@pytest.fixture
def app(news: Any, news_folder: Path) -> Any:
    app = App(Settings(models={"news": news_folder}), Catalogue({"news": news}))
    yield app
    app.work.close()


@pytest.fixture
def described(app: Any) -> Any:
    return document(app.board.entries, ["news"])


def test_every_route_is_described_and_nothing_else(app: Any, described: Any) -> None:
    there = {
        (route.path, method.lower())
        for route in app.board.routes
        for method in route.methods - {"HEAD"}
    }
    said = {(path, method) for path, acts in described["paths"].items() for method in acts}
    assert said == there
    assert len(there) > 25


def test_the_description_is_valid(described: Any) -> None:
    schemas = pytest.importorskip("jsonschema_rs", reason="comes with schemathesis")
    schemas.meta.validate(described["components"]["schemas"]["PredictRequest"])
    for schema in described["components"]["schemas"].values():
        schemas.meta.validate(schema)
    assert described["openapi"].startswith("3.1")
    names = [act["operationId"] for acts in described["paths"].values() for act in acts.values()]
    assert len(set(names)) == len(names)


def test_every_example_is_what_its_route_takes(described: Any, ask: Callable[..., Any]) -> None:
    found = 0
    for path, acts in described["paths"].items():
        for method, act in acts.items():
            content = act.get("requestBody", {"content": {}})["content"]
            example = content.get("application/json", {}).get("example")
            if example is None or "feedback" in path:
                continue
            found += 1
            place = path.replace("{model}", "news")
            if "{version}" not in place:
                assert ask(method.upper(), place, json=example).status_code == 200, path
    assert found >= 4


def test_a_model_in_a_path_is_one_that_is_served(described: Any) -> None:
    (parameter,) = described["paths"]["/hf/{model}"]["post"]["parameters"]
    assert parameter["schema"]["enum"] == ["news"]


def test_the_page_of_the_documentation_is_served_with_its_files(ask: Callable[..., Any]) -> None:
    page = ask("GET", "/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for name in ("static/docs.js", "static/docs.css", "openapi.json"):
        assert ask("GET", f"/{name}").status_code == 200
    assert "static/docs.js" in page.text


def references(part: Any) -> Sequence[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return [*own, *(ref for value in part.values() for ref in references(value))]
    return [ref for value in part for ref in references(value)] if isinstance(part, list) else []


def test_every_reference_leads_somewhere(described: Any) -> None:
    found = references(described)
    known = described["components"]["schemas"]
    assert {ref.rpartition("/")[2] for ref in found} == set(known)


def test_keys_are_asked_for_where_they_are_needed(app: Any, described: Any) -> None:
    def security(entry: Entry) -> Any:
        return described["paths"][entry.path][entry.method.lower()]["security"]

    for entry in app.board.entries:
        optional = {} in security(entry)
        assert bool(security(entry)) is (entry.who != "everybody")
        assert optional is (entry.who == "clients")
