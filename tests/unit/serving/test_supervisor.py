"""The supervisor, over workers that are small scripts."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import NewsdeskError
from newsdesk.serving import Limits, Settings
from newsdesk.serving.logs import Log
from newsdesk.serving.peers import Begin
from newsdesk.serving.supervisor import Child, Supervisor

PRELUDE = """
import json, os, socket, sys, time
control = socket.socket(fileno=int(sys.argv[1]))
def say(type, **more):
    control.send(json.dumps({"type": type, **more}).encode())
begin = json.loads(control.recv(65536))
"""
SERVE = """
say("Loaded", digests={"news": "one"})
go = json.loads(control.recv(65536))
assert go["type"] == "Go"
say("Serving")
"""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock


@pytest.fixture
def make(listening: socket.socket) -> Callable[..., tuple[Supervisor, io.BytesIO]]:
    def supervisor(script: str, n: int = 2, **options: Any) -> tuple[Supervisor, io.BytesIO]:
        begin = Begin(Settings({"news": Path("x")}, limits=Limits(drain_s=1.0)), 1)
        command = (sys.executable, "-S", "-c", PRELUDE + script)
        stream = io.BytesIO()
        ready = options.pop("ready", lambda: os.kill(os.getpid(), signal.SIGTERM))
        made = Supervisor(begin, n, listening, ready, command=command, log=Log(stream), **options)
        return made, stream

    return supervisor


def events(stream: io.BytesIO) -> list[str]:
    return [json.loads(line)["event"] for line in stream.getvalue().splitlines()]


def test_workers_serve_until_they_are_told_to_stop(make: Callable[..., Any]) -> None:
    supervisor, stream = make(SERVE + 'assert json.loads(control.recv(65536))["type"] == "Stop"')
    handler = signal.getsignal(signal.SIGTERM)
    assert supervisor.run() == 0
    assert events(stream) == []
    assert signal.getsignal(signal.SIGTERM) is handler


def test_an_interrupt_is_told_by_the_exit_code(make: Callable[..., Any]) -> None:
    script = SERVE + "control.recv(65536)"
    supervisor, _ = make(script, ready=lambda: os.kill(os.getpid(), signal.SIGINT))
    assert supervisor.run() == 130


def test_a_second_signal_waits_for_nothing(make: Callable[..., Any]) -> None:
    def twice() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()

    supervisor, _ = make(SERVE + "time.sleep(60)", ready=twice)
    begun = time.monotonic()
    assert supervisor.run() == 128 + signal.SIGTERM
    assert time.monotonic() - begun < 30


def test_what_keeps_a_worker_from_starting_is_raised(make: Callable[..., Any]) -> None:
    supervisor, stream = make('say("Failed", problem="It is broken.", remedy="Mend it.")')
    with pytest.raises(NewsdeskError, match="It is broken") as caught:
        supervisor.run()
    assert caught.value.remedy == "Mend it."
    assert events(stream) == []


def test_a_worker_that_ends_without_a_word_is_told_of(make: Callable[..., Any]) -> None:
    supervisor, _ = make("sys.exit(7)")
    with pytest.raises(NewsdeskError, match="code 7"):
        supervisor.run()


def test_workers_that_die_again_and_again_end_the_server(make: Callable[..., Any]) -> None:
    supervisor, stream = make(SERVE + "time.sleep(0.1)", ready=lambda: None)
    with pytest.raises(NewsdeskError, match="workers died within"):
        supervisor.run()
    assert events(stream).count("worker_died") == 11


def test_a_hung_worker_is_killed_and_replaced(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("newsdesk.serving.supervisor._SILENT_S", 0.5)
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))
    script = (
        SERVE
        + """
first = not os.path.exists(os.environ["MARK"])
open(os.environ["MARK"], "w").close()
if first:
    time.sleep(60)
os.kill(os.getppid(), 15)
control.recv(65536)
"""
    )
    supervisor, stream = make(script, 1, ready=lambda: None)
    assert supervisor.run() == 0
    assert events(stream) == ["worker_hangs", "worker_died", "worker_replaced"]


def test_workers_that_load_different_versions_end_up_with_one(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))
    script = """
try:
    os.mkdir(os.environ["MARK"])
    digest = "old"
except FileExistsError:
    time.sleep(0.5)
    digest = "new"
say("Loaded", digests={"news": digest})
while True:
    message = json.loads(control.recv(65536))
    match message["type"]:
        case "Go":
            say("Serving")
        case "Prepare" | "Commit":
            print(message["type"], message["digest"], file=open(os.environ["MARK"] + ".log", "a"))
            say("Did", digest=message["digest"])
        case "Stop":
            break
"""
    supervisor, stream = make(script)
    assert supervisor.run() == 0
    assert (tmp_path / "mark.log").read_text().splitlines() == ["Prepare new", "Commit new"]
    assert events(stream) == []


def test_workers_have_the_variables_that_they_are_given(make: Callable[..., Any]) -> None:
    script = 'say("Failed", problem=os.environ["OWN"], remedy="x")'
    supervisor, _ = make(script, environment={"OWN": "given"})
    with pytest.raises(NewsdeskError, match="given"):
        supervisor.run()


def test_a_child_remembers_what_was_served_when_it_began() -> None:
    known = {"news": "old"}
    child = Child(None, None, known)  # type: ignore[arg-type]
    known["news"] = "new"
    assert child.known == {"news": "old"}
    assert child.state == "loading"
