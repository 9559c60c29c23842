"""Words between the supervisor and a worker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdesk.serving import Keys, Settings
from newsdesk.serving.faults import ServingError
from newsdesk.serving.peers import (
    Ask,
    Beat,
    Begin,
    Commit,
    Granted,
    Message,
    Peers,
    Refused,
    Stop,
    receive,
    send,
)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_all_settings_arrive(pair: tuple[socket.socket, socket.socket]) -> None:
    settings = Settings({"news": Path("a/b")}, keys=Keys(api=("k" * 20,)), samples=Path("x.csv"))
    send(pair[0], Begin(settings, 3))
    assert receive(pair[1]) == Begin(settings, 3)


def test_messages_keep_their_bounds(pair: tuple[socket.socket, socket.socket]) -> None:
    for message in (Commit("news", "new"), Stop(), Beat()):
        send(pair[0], message)
    assert [receive(pair[1]) for _ in range(3)] == [Commit("news", "new"), Stop(), Beat()]


def test_who_has_gone_says_nothing(pair: tuple[socket.socket, socket.socket]) -> None:
    pair[0].close()
    assert receive(pair[1]) is None
    send(pair[1], Beat())


def test_a_worker_hears_and_is_answered(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.setblocking(False)
    heard: list[Message] = []
    stopped: list[bool] = []

    async def live() -> None:
        peers = Peers(theirs)
        peers.listen(heard.append, lambda: stopped.append(peers.is_orphan))
        send(ours, Commit("news", "new"))
        send(ours, Granted())  # to nobody
        asked = asyncio.create_task(peers.ask(Ask()))
        await asyncio.sleep(0)
        assert receive(ours) == Ask()
        send(ours, Granted())
        await asked
        asked = asyncio.create_task(peers.ask(Ask()))
        await asyncio.sleep(0)
        send(ours, Refused(409, "reload_running", "One runs.", "Wait."))
        with pytest.raises(ServingError, match="One runs") as caught:
            await asked
        assert (caught.value.status, caught.value.headers) == (409, {"Retry-After": "2"})
        send(ours, Stop())
        while not stopped:
            await asyncio.sleep(0.01)

    asyncio.run(live())
    assert heard == [Commit("news", "new")]
    assert stopped == [False]


def test_a_worker_notices_that_it_is_an_orphan(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.setblocking(False)
    stopped: list[bool] = []

    async def live() -> None:
        peers = Peers(theirs)
        peers.listen(lambda _message: None, lambda: stopped.append(peers.is_orphan))
        beating = asyncio.create_task(peers.beat())
        await asyncio.sleep(0.01)
        assert receive(ours) == Beat()
        ours.close()
        while not stopped:
            await asyncio.sleep(0.01)
        beating.cancel()

    asyncio.run(live())
    assert stopped == [True]
