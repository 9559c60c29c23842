"""The application as a whole, as an ASGI server sees it."""

from __future__ import annotations

import asyncio
import dataclasses
import io
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import BundleError
from newsdesk.serving import Limits, Settings
from newsdesk.serving.app import App, create_app
from newsdesk.serving.catalogue import Catalogue, Served
from newsdesk.serving.logs import Log

GOLDEN = Path(__file__).parents[2] / "faults" / "golden" / "bundle"


@pytest.fixture(scope="module")
def served() -> Served:
    return Served.load("news", GOLDEN)


def make(served: Served, stream: io.BytesIO | None = None, **settings: Any) -> App:
    told = Settings({"news": GOLDEN}, **settings)
    return App(told, Catalogue({"news": served}), Log(stream or io.BytesIO()))


def test_it_begins_and_ends_with_the_server(served: Served, tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="needs the extra feedback")
    stream = io.BytesIO()
    app = make(served, stream, feedback=f"sqlite:///{tmp_path}/corrections.db")
    said: list[str] = []

    async def live() -> None:
        messages: asyncio.Queue[Any] = asyncio.Queue()
        messages.put_nowait({"type": "lifespan.startup"})

        async def send(message: Any) -> None:
            said.append(message["type"])
            if message["type"] == "lifespan.startup.complete":
                request = {"identifier": "a", "route": "b", "method": "GET", "client": ""}
                app.log.request(status=200, seconds=0.0, **request)  # type: ignore[arg-type]
                messages.put_nowait({"type": "lifespan.shutdown"})

        await app({"type": "lifespan"}, messages.get, send)

    asyncio.run(live())
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert stream.getvalue().count(b'"event":"request"') == 1


def test_lines_of_the_log_are_written_a_few_times_a_second(served: Served) -> None:
    stream = io.BytesIO()
    app = make(served, stream)

    async def live() -> None:
        task = asyncio.create_task(app._flush())
        request = {"identifier": "a", "route": "b", "method": "GET", "client": ""}
        app.log.request(status=200, seconds=0.0, **request)  # type: ignore[arg-type]
        await asyncio.sleep(0.5)
        task.cancel()

    asyncio.run(live())
    assert stream.getvalue()


def test_it_is_busy_when_more_wait_than_may(served: Served) -> None:
    app = make(served, limits=Limits(waiting=3))
    app.n_begun = 2
    assert not app.is_busy
    app.n_begun = 3
    assert app.is_busy


def test_full_threads_make_it_busy_only_where_all_models_need_them(served: Served) -> None:
    app = make(served)
    app.work.pending_s = 1e9
    assert not app.is_busy
    app.catalogue.swap(dataclasses.replace(served, text_s=0.01))
    assert app.is_busy


def test_what_is_refused_early_is_counted(served: Served) -> None:
    app = make(served)
    app.shed(503)
    line = 'newsdesk_requests_total{method="other",route="none",status="503"} 1.0'
    assert line in app.meters.page()[0].decode()


def test_all_models_are_loaded_or_none() -> None:
    app = create_app(Settings({"news": GOLDEN, "again": GOLDEN}), n_threads=3)
    assert list(app.catalogue) == ["news", "again"]
    assert app.work.n_threads == 3
    with pytest.raises(BundleError):
        create_app(Settings({"news": GOLDEN, "other": GOLDEN / "gone"}))
