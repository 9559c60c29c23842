"""One worker process, which a test supervises."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newsdesk.serving import Limits, Settings
from newsdesk.serving.peers import (
    Beat,
    Begin,
    Failed,
    Go,
    Granted,
    Loaded,
    Message,
    Serving,
    Stop,
    receive,
    send,
)

GOLDEN = Path(__file__).parents[2] / "faults" / "golden" / "bundle"


class Worker:
    def __init__(self, stderr: Path) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(60)
        self.stderr = stderr
        with socket.socket() as listening, theirs, stderr.open("wb") as log:
            listening.bind(("127.0.0.1", 0))
            self.port = listening.getsockname()[1]
            handles = (theirs.fileno(), listening.fileno())
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "newsdesk.serving.worker", *map(str, handles)],
                pass_fds=handles,
                stderr=log,
                env=os.environ,
            )

    def begin(self, **settings: Any) -> None:
        asked = {"models": {"news": GOLDEN}, "limits": Limits(drain_s=1.0)} | settings
        send(self.control, Begin(Settings(**asked), 1))

    def hear(self) -> Message | None:
        while isinstance(message := receive(self.control), Beat):
            pass
        return message

    def ready(self) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/readyz")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return found


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    found = Worker(tmp_path / "stderr")
    yield found
    found.control.close()
    found.process.kill()
    found.process.wait()


def test_it_serves_once_it_may_and_ends_when_it_is_told(worker: Worker, tmp_path: Path) -> None:
    worker.begin(runtime=tmp_path / "runtime")
    loaded = worker.hear()
    assert isinstance(loaded, Loaded)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", worker.port))
    send(worker.control, Granted())  # the others have come to its version
    send(worker.control, Go())
    assert worker.hear() == Serving()
    assert worker.ready()["models"] == loaded.digests
    send(worker.control, Stop())
    assert worker.process.wait(30) == 0
    assert (tmp_path / "runtime").is_dir()
    assert worker.stderr.read_text(encoding="utf-8").count('"event":"request"') == 1


def test_an_orphan_ends_and_clears_up(worker: Worker, tmp_path: Path) -> None:
    worker.begin(runtime=tmp_path / "runtime")
    worker.hear()
    send(worker.control, Go())
    assert worker.hear() == Serving()
    worker.control.close()
    assert worker.process.wait(30) == 0
    assert not (tmp_path / "runtime").exists()


def test_what_keeps_it_from_starting_is_told_in_words(worker: Worker, tmp_path: Path) -> None:
    worker.begin(models={"news": tmp_path / "gone"})
    failed = worker.hear()
    assert isinstance(failed, Failed)
    assert str(tmp_path / "gone") in failed.problem
    assert worker.process.wait(30) == 1
    assert worker.stderr.read_bytes() == b""


@pytest.mark.parametrize("act", [lambda sock: sock.close(), lambda sock: send(sock, Stop())])
def test_it_does_not_begin_without_being_told(
    worker: Worker, act: Callable[[socket.socket], None]
) -> None:
    act(worker.control)
    assert worker.process.wait(30) == 1
