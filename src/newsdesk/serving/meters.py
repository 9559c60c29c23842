"""What Prometheus is told: requests, seconds, texts; with label values from closed sets."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

__all__ = ["Meters", "share_by"]

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})


def share_by(folder: Path) -> None:
    """Let the processes of a server count together; before any `Meters` is made.

    Parameters
    ----------
    folder : Path
        Where each writes its numbers.
    """
    folder.mkdir(exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


class Meters:
    """Counts requests.

    Parameters
    ----------
    shared : bool
        Whether the numbers are those of all processes, see `share_by`.
    """

    def __init__(self, *, shared: bool = False) -> None:
        import prometheus_client as prometheus

        self._prometheus = prometheus
        self._shared = shared
        self.registry = prometheus.CollectorRegistry()
        self._requests = prometheus.Counter(
            "newsdesk_requests",
            "Requests answered.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = prometheus.Histogram(
            "newsdesk_request_seconds",
            "Seconds from the whole request to its answer.",
            ["route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._texts = prometheus.Counter(
            "newsdesk_texts", "Texts classified.", ["model"], registry=self.registry
        )
        # To find the child of some label values costs more than to count.
        self._by_request: dict[tuple[str, str, int], tuple[Any, Any]] = {}
        self._by_model: dict[str, Any] = {}
        self._shed: Counter[int] = Counter()

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request.

        Parameters
        ----------
        route : str
            Name of the route, never the path that was asked for.
        method : str
            As it was sent.
        status : int
            Of the answer.
        seconds : float
            It took so long.
        """
        key = (route, method if method in _METHODS else "other", status)
        found = self._by_request.get(key)
        if found is None:
            found = self._requests.labels(*key[:2], str(status)), self._seconds.labels(route)
            self._by_request[key] = found
        found[0].inc()
        found[1].observe(seconds)

    def shed(self, status: int) -> None:
        """Count a request that was refused before its route was known; see `flush`.

        Parameters
        ----------
        status : int
            Of the refusal.
        """
        self._shed[status] += 1

    def flush(self) -> None:
        """Tell Prometheus of refusals, which are too many to tell one by one."""
        for status, n in self._shed.items():
            self._requests.labels("none", "other", str(status)).inc(n)
        self._shed.clear()

    def classified(self, model: str, n: int) -> None:
        """Count texts.

        Parameters
        ----------
        model : str
            Name of a served model.
        n : int
            How many.
        """
        found = self._by_model.get(model)
        if found is None:
            found = self._by_model[model] = self._texts.labels(model)
        found.inc(n)

    def page(self) -> tuple[bytes, bytes]:
        """Write the numbers out.

        Returns
        -------
        tuple[bytes, bytes]
            Text and content type.
        """
        self.flush()
        registry = self.registry
        if self._shared:
            from prometheus_client import multiprocess

            registry = self._prometheus.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text: bytes = self._prometheus.generate_latest(registry)
        return text, self._prometheus.CONTENT_TYPE_LATEST.encode()
