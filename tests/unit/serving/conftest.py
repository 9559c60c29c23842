"""Small bundles, and applications asked in process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import newsdesk
from newsdesk.bundle import Bundle
from newsdesk.types import Documents, LabelSet, numbered, string_array

pytest.importorskip("starlette", reason="needs the extra serve")
httpx2 = pytest.importorskip("httpx2", reason="needs the extra test")


@pytest.fixture(scope="session")
def news_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of the embedded sample, whose fields are joined to one."""
    corpus = newsdesk.read_corpus("sample")
    documents = Documents.from_texts(corpus.documents.texts)
    found = Bundle.fit(documents, corpus.y, labels=corpus.labels, family="linear")
    folder = tmp_path_factory.mktemp("serving") / "news"
    found.bundle.save(folder)
    return folder


@pytest.fixture(scope="session")
def pair_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of two fields, headline and body, and of class names that need care."""
    topics = {"a:b": "goal cup striker keeper", "Ökonomie": "bank rate profit shares"}
    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    words = [topic.split() for topic in topics.values()]
    columns = [[" ".join(rng.choice(words[c], 4)) for c in y] for _ in range(2)]
    documents = Documents(
        numbered(80), dict(zip(("headline", "body"), map(string_array, columns), strict=True))
    )
    found = Bundle.fit(documents, y, labels=LabelSet(list(topics)), family="linear")
    folder = tmp_path_factory.mktemp("serving") / "pair"
    found.bundle.save(folder)
    return folder


@pytest.fixture(scope="session")
def news(news_folder: Path) -> Any:
    """The bundle of one field, as it is served."""
    from newsdesk.serving.catalogue import Served

    return Served.load("news", news_folder)


@pytest.fixture(scope="session")
def pair(pair_folder: Path) -> Any:
    """The bundle of two fields, as it is served."""
    from newsdesk.serving.catalogue import Served

    return Served.load("pair", pair_folder)


@pytest.fixture
def ask(news: Any, pair: Any, news_folder: Path, pair_folder: Path) -> Callable[..., Any]:
    """Ask an application that serves both bundles, ``news`` by default.

    Returns
    -------
    Callable[..., Any]
        Takes a method, a path, what httpx takes, and settings of the server; gives the response.
    """
    import anyio

    from newsdesk.serving.app import App
    from newsdesk.serving.catalogue import Catalogue
    from newsdesk.serving.logs import Log
    from newsdesk.serving.samples import Samples
    from newsdesk.serving.settings import Settings

    plain = Settings(models={"news": news_folder, "pair": pair_folder})

    def send(method: str, path: str, *, settings: dict[str, Any] | None = None, **said: Any) -> Any:
        told = replace(plain, **(settings or {}))
        samples = None if told.samples is None else Samples.read(told.samples)
        catalogue = Catalogue({"news": news, "pair": pair})
        app = App(told, catalogue, Log(BytesIO()), samples)

        async def go() -> Any:
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, path, **said)

        try:
            return anyio.run(go)
        finally:
            app.work.close()
            if app.correcting is not None:
                app.correcting.close()

    return send
