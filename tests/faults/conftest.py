"""Servers to be broken: real ones in processes of their own, and applications called directly."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

GOLDEN = Path(__file__).parent / "golden" / "bundle"
JSON = {"Content-Type": "application/json"}

# Whatever a test wants to be slow or broken is made so before the server starts.
SERVER = """
import sys
import msgspec
from newsdesk.errors import NewsdeskError
from newsdesk.serving import Settings
from newsdesk.serving.workers import run
{before}
settings = msgspec.json.decode(sys.argv[1], type=Settings, dec_hook=lambda kind, value: kind(value))
try:
    code = run(settings, listening=lambda url: print(url, flush=True))
except NewsdeskError as error:
    print(error.problem, error.remedy, sep="\\n", file=sys.stderr)
    code = 1
sys.exit(code)
"""

SLOW = """
import time
from newsdesk.bundle import Bundle
predict = Bundle.predict
def slow(self, documents):
    time.sleep({seconds})
    return predict(self, documents)
Bundle.predict = slow
"""


class Answer(NamedTuple):
    """What a server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)

    @property
    def code(self) -> str:
        said = self.json
        assert set(said) >= {"error", "code", "hint"}
        assert all(said.values())
        return str(said["code"])


class Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], log: Path, url: str) -> None:
        self.process, self.log_file, self.url = process, log, url
        self.port = int(url.rpartition(":")[2])

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def workers(self) -> list[int]:
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in found.split()]

    @property
    def log(self) -> list[dict[str, Any]]:
        lines = self.log_file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def open(self, timeout: float = 30) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(
        self,
        method: str,
        path: str,
        said: Any = None,
        *,
        on: http.client.HTTPConnection | None = None,
        **headers: str,
    ) -> Answer:
        connection = on or self.open()
        body = None if said is None else json.dumps(said)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, ({} if said is None else JSON) | sent)
        response = connection.getresponse()
        found = response.read()
        if on is None:
            connection.close()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, found)

    def predict(self, *texts: str, on: http.client.HTTPConnection | None = None) -> Answer:
        return self.ask("POST", "/api/v1/predict", {"texts": texts or ["Bank raises rates"]}, on=on)

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def memory(self) -> int:
        """Bytes that the server holds."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return 1024 * int(status.partition("VmRSS:")[2].split()[0])

    def end(self, number: int = signal.SIGTERM, timeout: float = 60) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers that end with the test.

    Yields
    ------
    Callable[..., Server]
        Takes settings by name, and code to run ``before``.
    """
    from newsdesk.serving import Settings

    started: list[subprocess.Popen[str]] = []

    def make(*, before: str = "", **settings: Any) -> Server:
        pytest.importorskip("uvicorn", reason="needs the extra serve")
        asked = {"models": {"golden": GOLDEN}, "port": 0} | settings
        log = tmp_path / f"server-{len(started)}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    SERVER.format(before=textwrap.dedent(before)),
                    msgspec.json.encode(Settings(**asked), enc_hook=str),
                ],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=os.environ | {"TMPDIR": str(tmp_path)},
            )
        started.append(process)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, log.read_text(encoding="utf-8")
        return Server(process, log, url)

    yield make
    for process in started:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)  # the second one
            process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="session")
def slow() -> Callable[[float], str]:
    """Code that makes every prediction of a server take so many seconds."""
    return lambda seconds: SLOW.format(seconds=seconds)


@pytest.fixture(scope="session")
def until() -> Callable[..., None]:
    """Wait until something is so."""

    def wait(is_so: Callable[[], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    return wait


class Desk:
    """An application that is called without a server between."""

    def __init__(self, app: Any, stream: io.BytesIO) -> None:
        self.app, self._stream = app, stream

    @property
    def log(self) -> str:
        self.app.log.flush()
        return self._stream.getvalue().decode()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Any = b"",
        headers: Sequence[tuple[str, str]] = (),
        client: str = "127.0.0.1",
    ) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        names = {name for name, _ in sent}
        if raw and b"content-type" not in names:
            sent.append((b"content-type", b"application/json"))
        if raw and b"content-length" not in names:
            sent.append((b"content-length", str(len(raw)).encode()))
        if b"host" not in names:
            sent.append((b"host", b"127.0.0.1:8080"))
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": sent,
            "client": (client, 4711),
            "server": ("127.0.0.1", 8080),
            "scheme": "http",
            "http_version": "1.1",
            "state": {},
        }
        said: list[Any] = []
        messages = iter([{"type": "http.request", "body": raw, "more_body": False}])

        async def receive() -> Any:
            for message in messages:
                return message
            return await asyncio.Event().wait()  # the client waits for its answer

        async def send(message: Any) -> None:
            said.append(message)

        asyncio.run(self.app(scope, receive, send))
        found = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return Answer(said[0]["status"], found, said[1].get("body", b""))

    def predict(self, *texts: str, **more: Any) -> Answer:
        return self.ask("POST", "/api/v1/predict", {"texts": texts, **more})


@pytest.fixture(scope="session")
def make_desk() -> Callable[..., Desk]:
    """Make an application over the golden bundle, which is loaded once.

    Returns
    -------
    Callable[..., Desk]
        Takes settings by name.
    """
    pytest.importorskip("starlette", reason="needs the extra serve")
    from newsdesk.serving import Settings
    from newsdesk.serving.app import App
    from newsdesk.serving.catalogue import Catalogue, Served
    from newsdesk.serving.logs import Log

    served = Served.load("golden", GOLDEN)

    def make(**settings: Any) -> Desk:
        stream = io.BytesIO()
        asked = Settings(**({"models": {"golden": GOLDEN}} | settings))
        return Desk(App(asked, Catalogue({"golden": served}), Log(stream)), stream)

    return make
