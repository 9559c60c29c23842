"""Exchanging versions in one worker; several are tested with the faults."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra serve")

from newsdesk.bundle import Bundle
from newsdesk.errors import BundleError
from newsdesk.serving.catalogue import Catalogue, Served
from newsdesk.serving.faults import ServingError
from newsdesk.serving.peers import (
    Abort,
    Ask,
    Commit,
    Did,
    Message,
    Prepare,
    Propose,
    Withdraw,
)
from newsdesk.serving.reload import Reloader

GOLDEN = Path(__file__).parents[2] / "faults" / "golden" / "bundle"


class Peers:
    """A supervisor that grants everything, and commits what is proposed."""

    def __init__(self, refusal: ServingError | None = None) -> None:
        self.said: list[Message] = []
        self.refusal = refusal
        self.reloader: Reloader | None = None

    def say(self, message: Message) -> None:
        self.said.append(message)

    async def ask(self, message: Message) -> None:
        self.said.append(message)
        if self.refusal is not None:
            raise self.refusal
        if isinstance(message, Propose):
            assert self.reloader is not None
            self.reloader.hear(Commit(message.name, message.digest))


@pytest.fixture(scope="module")
def served() -> Served:
    return Served.load("news", GOLDEN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the server looks: another version than is served."""
    dataclasses.replace(Bundle.load(GOLDEN), fingerprint="another").save(tmp_path / "next")
    return tmp_path / "next"


def make(served: Served, folder: Path, peers: Peers | None = None) -> tuple[Reloader, Catalogue]:
    catalogue = Catalogue({"news": served})
    reloader = Reloader(catalogue, {"news": folder}, peers)  # type: ignore[arg-type]
    if peers is not None:
        peers.reloader = reloader
    return reloader, catalogue


def test_the_new_version_is_served_from_now_on(served: Served, folder: Path) -> None:
    reloader, catalogue = make(served, folder)
    found = asyncio.run(reloader.reload("news"))
    assert catalogue.take("news") is found
    assert found.digest != served.digest


def test_a_model_that_is_not_served_is_not_loaded(served: Served, folder: Path) -> None:
    with pytest.raises(ServingError) as caught:
        asyncio.run(make(served, folder)[0].reload("../news"))
    assert caught.value.status == 404


def test_one_runs_at_a_time(served: Served, folder: Path) -> None:
    reloader, _ = make(served, folder)

    async def twice() -> list[Any]:
        return await asyncio.gather(
            reloader.reload("news"), reloader.reload("news"), return_exceptions=True
        )

    first, second = asyncio.run(twice())
    assert isinstance(first, Served)
    assert isinstance(second, ServingError)
    assert (second.status, second.code) == (409, "reload_running")


def test_a_broken_bundle_leaves_the_old_version(served: Served, folder: Path) -> None:
    shutil.rmtree(folder)
    told: list[Exception | None] = []
    catalogue = Catalogue({"news": served})
    reloader = Reloader(catalogue, {"news": folder}, None, lambda _, error: told.append(error))
    with pytest.raises(ServingError) as caught:
        asyncio.run(reloader.reload("news"))
    assert (caught.value.status, caught.value.code) == (422, "load_failed")
    assert str(folder) not in caught.value.problem
    assert catalogue.take("news") is served
    assert [type(error) for error in told] != [type(None)]


def test_a_worker_proposes_and_waits_for_the_word(served: Served, folder: Path) -> None:
    peers = Peers()
    reloader, catalogue = make(served, folder, peers)
    found = asyncio.run(reloader.reload("news"))
    assert peers.said == [Ask(), Propose("news", found.digest), Did(found.digest)]
    assert catalogue.take("news") is found


def test_what_the_supervisor_refuses_changes_nothing(served: Served, folder: Path) -> None:
    peers = Peers(ServingError(409, "reload_running", "One runs.", "Wait."))
    reloader, catalogue = make(served, folder, peers)
    with pytest.raises(ServingError, match="One runs"):
        asyncio.run(reloader.reload("news"))
    assert peers.said == [Ask()]
    assert catalogue.take("news") is served


def test_a_proposal_that_cannot_be_loaded_is_withdrawn(served: Served, folder: Path) -> None:
    shutil.rmtree(folder)
    peers = Peers()
    with pytest.raises(ServingError):
        asyncio.run(make(served, folder, peers)[0].reload("news"))
    assert peers.said == [Ask(), Withdraw()]


def hear(reloader: Reloader, peers: Peers, *messages: Message) -> list[Message]:
    async def live() -> None:
        for message in messages:
            n_said = len(peers.said)
            reloader.hear(message)
            for _ in range(500):
                if isinstance(message, Abort) or len(peers.said) > n_said:
                    break
                await asyncio.sleep(0.01)

    asyncio.run(live())
    return peers.said


def test_a_version_is_prepared_beside_the_old_one_and_then_served(
    served: Served, folder: Path
) -> None:
    digest = Bundle.load(folder).digest or ""
    peers = Peers()
    reloader, catalogue = make(served, folder, peers)
    assert hear(reloader, peers, Prepare("news", digest)) == [Did(digest)]
    assert catalogue.take("news") is served
    hear(reloader, peers, Commit("news", digest))
    assert peers.said == [Did(digest)] * 2
    assert catalogue.take("news").digest == digest


def test_another_version_than_was_asked_for_is_not_prepared(served: Served, folder: Path) -> None:
    peers = Peers()
    reloader, _ = make(served, folder, peers)
    assert hear(reloader, peers, Prepare("news", "0" * 64)) == [Did("0" * 64, is_able=False)]


def test_what_is_called_off_is_forgotten(served: Served, folder: Path) -> None:
    digest = Bundle.load(folder).digest or ""
    peers = Peers()
    reloader, catalogue = make(served, folder, peers)
    said = hear(reloader, peers, Prepare("news", digest), Abort(), Commit("news", digest))
    assert said == [Did(digest), Did(digest, is_able=False)]
    assert catalogue.take("news") is served


def test_a_version_that_is_served_already_needs_no_loading(served: Served, tmp_path: Path) -> None:
    peers = Peers()
    reloader, _ = make(served, tmp_path / "gone", peers)
    said = hear(reloader, peers, Prepare("news", served.digest), Commit("news", served.digest))
    assert said == [Did(served.digest)] * 2


def test_errors_of_bundles_are_what_is_translated() -> None:
    with pytest.raises(BundleError):
        Served.load("news", Path("no/such/folder"))
