"""Serving another version without letting go of a connection: all workers or none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from newsdesk.errors import NewsdeskError
from newsdesk.serving.catalogue import Catalogue, Served
from newsdesk.serving.faults import ServingError
from newsdesk.serving.peers import Peers, Round

__all__ = ["Reloader"]

_LOOK_S = 0.05
_PREPARE_S, _COMMIT_S = 120.0, 20.0


class Reloader:
    """Exchanges models.

    One worker is asked. It loads and warms the new version beside the old one, has the others do
    the same (phase ``prepare``), and only when all of them hold the same digest tells them to serve
    it (phase ``commit``). Whatever fails before that leaves the old version everywhere.

    Parameters
    ----------
    catalogue : Catalogue
        Of this worker.
    paths : Mapping[str, Path]
        Folders by model name: a client names a model, never a path.
    peers : Peers | None
        The workers of the server; None where there is one alone.
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
        self._prepared: Served | None = None
        self._seen: Round | None = None

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
            raise _running()
        async with self._busy:
            with self._alone():
                return await self._reload(name)

    def _alone(self) -> AbstractContextManager[None]:
        return nullcontext() if self._peers is None else self._peers.alone(_running)

    async def _reload(self, name: str) -> Served:
        served = await self._load(name)
        if self._peers is not None:
            await self._agree(self._peers, served)
        self._catalogue.swap(served)
        self._told(served.digest, None)
        if self._peers is not None:
            self._peers.register(self._digests())
            await self._peers.wait(Round(served.name, served.digest, "commit"), _COMMIT_S)
        return served

    async def _load(self, name: str) -> Served:
        try:
            return await asyncio.to_thread(Served.load, name, self._paths[name])
        except NewsdeskError as error:
            self._told("", error)
            problem = "The bundle cannot be loaded; the version before is served on."
            raise ServingError(422, "load_failed", problem, error.remedy) from error

    async def _agree(self, peers: Peers, served: Served) -> None:
        """Have all workers hold the version; what they say no to is called off."""
        try:
            await peers.call(Round(served.name, served.digest, "prepare"), _PREPARE_S)
        except ServingError:
            peers.announce(Round(served.name, served.digest, "abort"))
            raise
        peers.announce(Round(served.name, served.digest, "commit"))

    async def follow(self) -> None:
        """Do what another worker asks for, until cancelled."""
        assert self._peers is not None, "a worker alone follows nobody"
        peers = self._peers
        peers.register(self._digests())
        while True:
            found = peers.current()
            if found is not None and found != self._seen and not peers.is_mine(found):
                self._seen = found
                await self._obey(peers, found)
            await asyncio.sleep(_LOOK_S)

    async def _obey(self, peers: Peers, asked: Round) -> None:
        if asked.phase == "abort":
            self._prepared = None
            return
        error = None
        if not self._holds(asked):
            try:
                path = self._paths[asked.name]
                self._prepared = await asyncio.to_thread(
                    Served.load, asked.name, path, expect_digest=asked.digest
                )
            except NewsdeskError as failure:
                error = failure
                self._told("", failure)
        if asked.phase == "commit" and error is None and self._prepared is not None:
            self._catalogue.swap(self._prepared)
            self._told(self._prepared.digest, None)
            self._prepared = None
            peers.register(self._digests())
        peers.acknowledge(asked, None if error is None else error.problem)

    def _holds(self, asked: Round) -> bool:
        serves = self._catalogue[asked.name].digest == asked.digest
        prepared = self._prepared
        return serves or (prepared is not None and prepared.digest == asked.digest)

    def _digests(self) -> dict[str, str]:
        return {served.name: served.digest for served in self._catalogue.values()}


def _running() -> ServingError:
    problem, hint = "A model is being loaded already.", "Try again when it is done."
    return ServingError(409, "reload_running", problem, hint, {"Retry-After": "2"})
