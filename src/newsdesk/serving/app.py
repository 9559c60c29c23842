"""The ASGI application: routes behind the gate, and what runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from newsdesk.serving import (
    corrections,
    huggingface,
    inference_protocol,
    management,
    native,
    pages,
    probes,
    tei,
)
from newsdesk.serving.board import Board
from newsdesk.serving.catalogue import Catalogue, Served
from newsdesk.serving.desk import Desk
from newsdesk.serving.gate import Gate
from newsdesk.serving.logs import Log
from newsdesk.serving.meters import Meters
from newsdesk.serving.peers import Peers
from newsdesk.serving.reload import Reloader
from newsdesk.serving.samples import Samples
from newsdesk.serving.settings import Settings
from newsdesk.serving.work import Work

__all__ = ["App", "create_app"]

_FLUSH_S = 0.2


class App:
    """What uvicorn calls.

    Parameters
    ----------
    settings : Settings
        What the server was told.
    catalogue : Catalogue
        Loaded models.
    log : Log | None
        Where events go; None means stderr.
    samples : Samples | None
        Texts that the page offers.
    peers : Peers | None
        Way to the supervisor; None where this process serves alone.
    n_threads : int | None
        Threads for long predictions; None means as many as we are given processors.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        log: Log | None = None,
        samples: Samples | None = None,
        *,
        peers: Peers | None = None,
        n_threads: int | None = None,
    ) -> None:
        self.limits = settings.limits
        self.n_begun = 0
        """Requests that are there as a whole and not answered yet; counted by `Protocol`."""
        self.catalogue = catalogue
        self.log = log or Log(requests=settings.log_requests)
        self.meters = Meters(shared=settings.runtime is not None)
        self.work = Work(n_threads, waiting_s=settings.limits.waiting_s)
        self.peers = peers
        self.stop: Callable[[], None] = lambda: None
        """Called when the supervisor says that this worker is to end."""
        self.reloader = Reloader(catalogue, settings.models, peers, self._reloaded)
        self.correcting = None
        if settings.feedback is not None:
            self.correcting = corrections.Correcting(settings.feedback)
        desk = Desk(settings, catalogue, self.work, self.meters)
        board = Board(settings)
        native.add_routes(board, desk, samples)
        corrections.add_routes(board, self.correcting)
        inference_protocol.add_routes(board, desk)
        huggingface.add_routes(board, desk)
        tei.add_routes(board, desk)
        probes.add_routes(board, desk)
        management.add_routes(board, desk, self.reloader)
        pages.add_routes(board, tuple(catalogue))
        self.board = board
        self.gate = Gate(board.routes, board.doorman, settings, self.log, self.meters)
        self._beside: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or begin and end with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self.gate(scope, receive, send)

    @property
    def is_busy(self) -> bool:
        """Whether a request that costs work would wait too long for its turn."""
        if self.n_begun >= self.limits.waiting:
            return True
        # Slow models fill the threads, and leave the event loop to the fast ones.
        return self.work.is_full and not any(
            self.work.is_short(served.text_s) for served in self.catalogue.values()
        )

    def shed(self, status: int) -> None:
        """Count a request that was refused before it became one."""
        self.meters.shed(status)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._beside = [asyncio.create_task(self._flush())]
        if self.peers is not None:
            self.peers.listen(self.reloader.hear, lambda: self.stop())
            self._beside.append(asyncio.create_task(self.peers.beat()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._beside:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.work.close()
        if self.correcting is not None:
            self.correcting.close()
        self.log.flush()
        self.meters.flush()
        await send({"type": "lifespan.shutdown.complete"})

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_S)
            self.log.flush()
            self.meters.flush()

    def _reloaded(self, digest: str, error: Exception | None) -> None:
        if error is None:
            self.log.event("reloaded", digest=digest)
        else:
            self.log.event("reload_failed", error=str(error))


def create_app(
    settings: Settings, *, peers: Peers | None = None, n_threads: int | None = None
) -> App:
    """Load all models and make the application.

    Parameters
    ----------
    settings : Settings
        What the server was told.
    peers : Peers | None
        Way to the supervisor; None where this process serves alone.
    n_threads : int | None
        Threads for long predictions; None means as many as we are given processors.

    Returns
    -------
    App
        Ready to answer.

    Raises
    ------
    BundleError
        If a folder is no bundle, or a damaged one.
    ConfigError
        If the samples cannot be used.
    """
    served = {name: Served.load(name, path) for name, path in settings.models.items()}
    samples = None if settings.samples is None else Samples.read(settings.samples)
    return App(settings, Catalogue(served), samples=samples, peers=peers, n_threads=n_threads)
