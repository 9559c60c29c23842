"""Servers in processes of their own, as anybody starts them."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

collect_ignore = ["clients"]  # programs of another environment

_ADDRESS = re.compile(r"serving at http://([^:\s]+):(\d+)")


@dataclass(frozen=True, eq=False)
class Serving:
    """A server that is ready."""

    host: str
    port: int
    process: subprocess.Popen[str]
    reader: threading.Thread
    lines: list[str]
    """What it has written to stderr."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(
        self, method: str, path: str, said: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        body = None if said is None else json.dumps(said)
        kind = {} if said is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, path, body, kind | headers)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def post(self, path: str, said: Any, **headers: str) -> Any:
        """The JSON of an answer, which must be a success."""
        status, _, body = self.ask("POST", path, said, **headers)
        assert status in (200, 201), body.decode()
        return json.loads(body)


def _start(arguments: tuple[str, ...], environment: dict[str, str]) -> Serving:
    process = subprocess.Popen(
        [sys.executable, "-m", "newsdesk", "serve", *arguments, "--port", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    assert process.stderr is not None
    lines: list[str] = []
    found = None
    for line in process.stderr:
        lines.append(line)
        found = _ADDRESS.search(line)
        if found:
            break
    assert found, "".join(lines)
    reader = threading.Thread(target=lines.extend, args=(process.stderr,), daemon=True)
    reader.start()
    server = Serving(found[1], int(found[2]), process, reader, lines)
    end = time.monotonic() + 60
    while True:
        try:
            if server.ask("GET", "/readyz")[0] == 200:
                return server
        except OSError:
            assert process.poll() is None, "".join(lines)
            assert time.monotonic() < end, "".join(lines)
        time.sleep(0.05)


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., Serving]]:
    """Start `newsdesk serve` on a free port; it is stopped when all tests are done.

    Yields
    ------
    Callable[..., Serving]
        Takes arguments of the command line, and variables of the environment; gives the server
        when it is ready. The same arguments give the same server.
    """
    pytest.importorskip("uvicorn", reason="needs the extra serve")
    started: dict[tuple[Any, ...], Serving] = {}

    def start(*arguments: str | Path, **environment: str) -> Serving:
        said = tuple(map(str, arguments))
        key = (said, tuple(sorted(environment.items())))
        if key not in started:
            started[key] = _start(said, environment)
        return started[key]

    yield start
    for server in started.values():
        server.process.terminate()
    for server in started.values():
        server.process.wait(60)
        server.reader.join(60)
        assert server.process.stderr is not None
        server.process.stderr.close()
