"""Rows 28-31: new versions under load, and processes that are killed or told to stop."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from newsdesk.bundle import Bundle
from newsdesk.serving import Keys, Limits

GOLDEN = Path(__file__).parent / "golden" / "bundle"
LOAD = "/v2/repository/models/golden/load"
KEY = "m" * 20


@pytest.fixture
def versions(tmp_path: Path) -> list[Path]:
    """Two versions of a bundle, which answer alike."""
    made = [tmp_path / "version-0", tmp_path / "version-1"]
    shutil.copytree(GOLDEN, made[0])
    dataclasses.replace(Bundle.load(GOLDEN), fingerprint="another").save(made[1])
    return made


def exchange(folder: Path, version: Path) -> None:
    """Put a version where the server looks for it."""
    fresh = folder.with_name(f"{folder.name}.new")
    fresh.symlink_to(version)
    fresh.rename(folder)


class Load:
    """Threads that ask over connections that they keep, until the end of a ``with``."""

    def __init__(self, server: Any, n_threads: int = 4) -> None:
        self._server = server
        self._over = threading.Event()
        self.digests: list[str] = []
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(n_threads)]

    def _ask(self) -> None:
        connection = self._server.open()
        while not self._over.is_set():
            try:
                answer = self._server.predict(on=connection)
                if answer.status == 200:
                    self.digests.append(answer.json["model"]["digest"])
                else:
                    self.failures.append(str(answer))
            except (OSError, HTTPException) as error:
                self.failures.append(repr(error))
                connection.close()
        connection.close()

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def load(server: Any) -> Any:
    return server.ask("POST", LOAD, X_API_Key=KEY)


def answers(server: Any, n: int) -> list[str]:
    """What workers answer with, one after the other, each connection going to any of them."""
    return [server.ask("GET", "/readyz").json["models"]["golden"] for _ in range(n)]


def digests(server: Any, n: int = 30) -> set[str]:
    """All that workers answer with."""
    return set(answers(server, n))


# Row 28: reloads under load.


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_twenty_versions_under_load_fail_nobody(
    start: Callable[..., Any], versions: list[Path], tmp_path: Path, workers: int
) -> None:
    folder = tmp_path / "served"
    exchange(folder, versions[0])
    server = start(models={"golden": folder}, workers=workers, keys=Keys(management=(KEY,)))
    seen = list(digests(server))
    with Load(server) as asked:
        for n in range(1, 21):
            exchange(folder, versions[n % 2])
            answer = load(server)
            assert answer.status == 200
            assert answer.json["before"] == seen[-1]
            seen.append(answer.json["digest"])
            assert digests(server, 4) == {seen[-1]}
    assert asked.failures == []
    assert len(set(seen)) == 2
    assert all(before != after for before, after in pairwise(seen))
    assert set(asked.digests) == set(seen)


def test_only_one_reload_runs_at_a_time(
    start: Callable[..., Any], slow: Callable[[float], str]
) -> None:
    server = start(before=slow(0.1), keys=Keys(management=(KEY,)))
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(load(server))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status for answer in found)
    assert statuses[0] == 200
    assert statuses[-1] == 409
    for answer in found:
        if answer.status == 409:
            assert answer.code == "reload_running"
            assert int(answer.headers["retry-after"]) >= 1


# Row 29: broken bundles.


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("breaking", ["flip", "cut", "gone"])
def test_a_broken_bundle_leaves_the_old_version(
    start: Callable[..., Any], tmp_path: Path, breaking: str, workers: int
) -> None:
    folder = tmp_path / "served"
    shutil.copytree(GOLDEN, folder)
    server = start(models={"golden": folder}, workers=workers, keys=Keys(management=(KEY,)))
    before = digests(server)
    weights = max(folder.rglob("*.safetensors"), key=lambda path: path.stat().st_size)
    data = bytearray(weights.read_bytes())
    match breaking:
        case "flip":
            data[-5] ^= 1
            weights.write_bytes(data)
        case "cut":
            weights.write_bytes(data[:-9])
        case "gone":
            shutil.rmtree(folder)
    answer = load(server)
    assert (answer.status, answer.code) == (422, "load_failed")
    assert digests(server) == before
    assert server.predict().status == 200
    assert any(line["event"] == "reload_failed" for line in server.log)


# Row 30: workers that die.


def test_a_killed_worker_is_replaced_while_others_serve(
    start: Callable[..., Any], until: Callable[..., None]
) -> None:
    server = start(workers=2)
    for n_killed in range(1, 4):
        before = server.workers
        os.kill(before[0], signal.SIGKILL)
        until(lambda: server.predict().status == 200, 5)

        def is_whole(n: int = n_killed) -> bool:
            return sum(line["event"] == "worker_replaced" for line in server.log) == n

        until(is_whole, 15)  # within 5 seconds where nothing else runs
        assert len(server.workers) == 2
        assert before[0] not in server.workers
    assert server.end() == 0
    deaths = [line for line in server.log if line["event"] == "worker_died"]
    assert [line["exit_code"] for line in deaths] == [-9, -9, -9]


def test_a_new_worker_never_answers_with_another_version(
    start: Callable[..., Any], until: Callable[..., None], versions: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "served"
    exchange(folder, versions[0])
    server = start(models={"golden": folder}, workers=2, keys=Keys(management=(KEY,)))
    (old,) = digests(server)
    exchange(folder, versions[1])
    killed = server.workers[0]
    os.kill(killed, signal.SIGKILL)
    seen: list[str] = []

    def is_whole() -> bool:
        seen.extend(answers(server, 8))
        return len(server.workers) == 2 and killed not in server.workers and seen[-1] != old

    # The folder holds a new version only: the new worker brings the old one to it before it serves.
    until(is_whole, 30)
    after = [digest != old for digest in seen]
    assert after == sorted(after)
    assert len(digests(server)) == 1


def test_a_worker_that_dies_in_a_reload_leaves_one_version(
    start: Callable[..., Any], until: Callable[..., None], versions: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "served"
    exchange(folder, versions[0])
    server = start(models={"golden": folder}, workers=3, keys=Keys(management=(KEY,)))
    for n in range(1, 5):
        exchange(folder, versions[n % 2])
        victims = server.workers

        def reload() -> None:
            with suppress(OSError, HTTPException):  # the one that was asked may be the victim
                load(server)

        thread = threading.Thread(target=reload)
        thread.start()
        time.sleep(0.02 * n)
        os.kill(victims[n % 3], signal.SIGKILL)
        thread.join()
        until(lambda: len(server.workers) == 3, 20)
        until(lambda: load(server).status == 200, 30)
        assert len(digests(server)) == 1
    assert server.end() == 0


def test_workers_that_cannot_start_end_the_server_in_two_lines(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "broken")
    weights = next((tmp_path / "broken").rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-9])
    for workers in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "newsdesk", "serve", tmp_path / "broken", "--workers", workers],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 2, done.stderr
        assert weights.name in done.stderr
        assert done.stdout == ""


def test_an_address_that_is_taken_is_said_in_two_lines() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "newsdesk", "serve", str(GOLDEN), "--port", port],
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert port in done.stderr


def test_workers_of_a_killed_supervisor_end(
    start: Callable[..., Any], until: Callable[..., None], tmp_path: Path
) -> None:
    server = start(workers=2)
    workers = server.workers
    assert list(tmp_path.glob("newsdesk-*"))
    server.process.kill()
    server.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    assert not list(tmp_path.glob("newsdesk-*"))


# Row 31: told to stop.


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_for_all_processes_stops_them_in_order(
    start: Callable[..., Any], number: int
) -> None:
    server = start(workers=2)
    for pid in server.workers if number == signal.SIGTERM else []:
        os.kill(pid, number)
    assert server.end(number) == (0 if number == signal.SIGTERM else 130)
    assert not any("traceback" in line for line in server.log)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_stops_the_server_in_order(
    start: Callable[..., Any], tmp_path: Path, number: int, code: int, workers: int
) -> None:
    server = start(workers=workers)
    idle = server.raw()
    server.predict()
    assert server.end(number) == code
    idle.close()
    assert {line["event"] for line in server.log} == {"request"}
    assert not list(tmp_path.glob("newsdesk-*"))


def test_what_has_begun_is_answered_before_the_end(
    start: Callable[..., Any], slow: Callable[[float], str]
) -> None:
    server = start(before=slow(0.02), limits=Limits(waiting_s=60.0))
    found: list[int] = []
    # The connections stand, so that none is refused by the system.
    connections = [server.open() for _ in range(100)]
    for connection in connections:
        connection.connect()
    threads = [
        threading.Thread(target=lambda one=one: found.append(server.predict(on=one).status))
        for one in connections
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    assert server.end() == 0
    for thread, connection in zip(threads, connections, strict=True):
        thread.join()
        connection.close()
    assert found == [200] * 100


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_signal_waits_for_nothing(
    start: Callable[..., Any], tmp_path: Path, workers: int
) -> None:
    server = start(workers=workers)
    with server.raw() as sock:
        # A body that does not come keeps the server from ending.
        sock.sendall(
            b"POST /api/v1/predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 9\r\n\r\n{"
        )
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(1)
        begun = time.monotonic()
        assert server.end(signal.SIGTERM) == 128 + signal.SIGTERM
        assert time.monotonic() - begun < 5
    assert not list(tmp_path.glob("newsdesk-*"))


def test_who_does_not_end_in_time_is_not_waited_for(start: Callable[..., Any]) -> None:
    server = start(limits=Limits(drain_s=1.0))
    with server.raw() as sock:
        sock.sendall(
            b"POST /api/v1/predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 9\r\n\r\n{"
        )
        time.sleep(0.3)
        begun = time.monotonic()
        assert server.end() == 0
        assert time.monotonic() - begun < 20
        assert b" 503 " in sock.recv(4096)
    (said,) = [line for line in server.log if line["event"] == "server"]
    assert said["message"].startswith("Cancel 1 running task")
