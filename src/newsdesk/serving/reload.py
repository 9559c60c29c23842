"""Serving another version without letting go of a connection: all workers or none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from newsdesk.errors import NewsdeskError
from newsdesk.serving.catalogue import Catalogue, Served
from newsdesk.serving.faults import ServingError
from newsdesk.serving.peers import (
    RUNNING,
    Abort,
    Ask,
    Commit,
    Did,
    Message,
    Peers,
    Prepare,
    Propose,
    Withdraw,
    refusal,
)

__all__ = ["Reloader"]


class Reloader:
    """Exchanges models.

    One worker is asked. With the supervisor's leave it loads and warms the new version beside the
    old one and proposes it; the supervisor has the others do the same, and only when all of them
    hold the same digest tells them to serve it. Whatever fails before that leaves the old version
    everywhere.

    Parameters
    ----------
    catalogue : Catalogue
        Of this worker.
    paths : Mapping[str, Path]
        Folders by model name: a client names a model, never a path.
    peers : Peers | None
        Way to the supervisor; None where this process serves alone.
    told : Callable[[str, Exception | None], None]
        Told of every version that is served from now on, by its digest, or of what failed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        paths: Mapping[str, Path],
        peers: Peers | None = None,
        told: Callable[[str, Exception | None], None] = lambda _digest, _error: None,
    ) -> None:
        self._catalogue, self._paths, self._peers, self._told = catalogue, paths, peers, told
        self._busy = asyncio.Lock()
        self._proposed: Served | None = None
        self._prepared: Served | None = None
        self._preparing: asyncio.Task[None] | None = None

    async def reload(self, name: str) -> Served:
        """Serve what stands in the model's folder now.

        Parameters
        ----------
        name : str
            Of a served model.

        Returns
        -------
        Served
            The version that every worker answers with.

        Raises
        ------
        ServingError
            404 if there is no such model, 409 if another is being loaded, 422 if the bundle cannot
            be served, 503 if a worker did not answer in time. The old version serves on.
        """
        self._catalogue.take(name)
        if self._busy.locked():
            raise refusal(RUNNING)
        async with self._busy:
            if self._peers is None:
                served = await self._load(name)
                self._serve(served)
                return served
            return await self._propose(self._peers, name)

    def hear(self, message: Message) -> None:
        """Do what the supervisor says.

        Parameters
        ----------
        message : Message
            `Prepare`, `Commit` or `Abort`.
        """
        assert self._peers is not None, "a worker alone hears nobody"
        match message:
            case Prepare(name, digest):
                self._preparing = asyncio.create_task(self._prepare(self._peers, name, digest))
            case Commit(name, digest):
                for served in (self._proposed, self._prepared):
                    if served is not None and (served.name, served.digest) == (name, digest):
                        self._serve(served)
                        break
                self._prepared = None
                self._peers.say(Did(digest, self._catalogue[name].digest == digest))
            case Abort():
                self._prepared = None

    async def _propose(self, peers: Peers, name: str) -> Served:
        await peers.ask(Ask())
        try:
            self._proposed = served = await self._load(name)
        except BaseException:
            peers.say(Withdraw())
            raise
        try:
            await peers.ask(Propose(name, served.digest))
        finally:
            self._proposed = None
        return served

    async def _load(self, name: str) -> Served:
        try:
            return await asyncio.to_thread(Served.load, name, self._paths[name])
        except NewsdeskError as error:
            self._told("", error)
            problem = "The bundle cannot be loaded; the version before is served on."
            raise ServingError(422, "load_failed", problem, error.remedy) from error

    async def _prepare(self, peers: Peers, name: str, digest: str) -> None:
        if self._catalogue[name].digest != digest:
            try:
                self._prepared = await asyncio.to_thread(
                    Served.load, name, self._paths[name], expect_digest=digest
                )
            except NewsdeskError as error:
                self._told("", error)
                peers.say(Did(digest, is_able=False))
                return
        peers.say(Did(digest))

    def _serve(self, served: Served) -> None:
        self._catalogue.swap(served)
        self._told(served.digest, None)
