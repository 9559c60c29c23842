from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")
from newsdesk.serving.settings import Keys


def test_readiness_names_the_digests(ask: Callable[..., Any], news: Any, pair: Any) -> None:
    found = ask("GET", "/readyz").json()
    assert found == {"status": "ready", "models": {"news": news.digest, "pair": pair.digest}}
    assert ask("GET", "/healthz").json() == {"status": "alive"}


def test_probes_are_open_and_metrics_are_not(ask: Callable[..., Any]) -> None:
    settings = {"keys": Keys(api=("0123456789abcdef",))}
    found = {
        path: ask("GET", path, settings=settings).status_code
        for path in ("/healthz", "/readyz", "/metrics")
    }
    assert found == {"/healthz": 200, "/readyz": 200, "/metrics": 401}


def test_metrics_are_as_prometheus_reads_them(ask: Callable[..., Any]) -> None:
    found = ask("GET", "/metrics")
    assert found.headers["content-type"].startswith("text/plain")
    assert "# TYPE newsdesk_requests_total counter" in found.text
