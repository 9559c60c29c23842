"""Servers under load: real ones in their own processes, and what compiled generators say."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from importlib.util import find_spec
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np

__all__ = ["Running", "at_rate", "flood", "needed", "running", "serving", "slow_clients"]

KEY = "benchmark-of-serving"
_TICKS = os.sysconf("SC_CLK_TCK")
_SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("{body}", "rb")
wrk.body = file:read("*a")
file:close()
function done(summary, latency)
  io.write(string.format(
    '\\nFOUND {{"n":%d,"seconds":%f,"refused":%d,"broken":%d,"p50_ms":%f,"p99_ms":%f}}\\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


def needed() -> None:
    """End with a word where a generator of load, or a peer, is not installed."""
    missing = [name for name in ("wrk", "h2load") if shutil.which(name) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} cannot be found: install wrk and nghttp2-client.")
    if not all(map(find_spec, ("flask", "gunicorn"))):
        print("skipped: no Flask or Gunicorn; pip install -r benchmarks/requirements-peers.txt")
        sys.exit(0)


class Running:
    """A server that runs.

    Parameters
    ----------
    process : subprocess.Popen[str]
        It.
    url : str
        Where it answers.

    Attributes
    ----------
    ready_s : float
        Seconds from its start to its first answer, where they were measured.
    """

    ready_s: float

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url
        self.port = int(url.rpartition(":")[2])

    @property
    def pids(self) -> list[int]:
        """Its processes."""
        own = self.process.pid
        found = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii")
        return [own, *map(int, found.split())]

    def cpu_s(self) -> float:
        """Seconds of processors that it has used so far."""
        total = 0
        for pid in self.pids:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
            total += sum(map(int, stat.rpartition(")")[2].split()[11:13]))
        return total / _TICKS

    def memory(self) -> int:
        """Bytes that it holds."""
        total = 0
        for pid in self.pids:
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            total += 1024 * int(status.partition("VmRSS:")[2].split()[0])
        return total

    def ask(self, method: str, path: str, **said: Any) -> Any:  # noqa: ANN401  what JSON holds
        """Ask something that must be answered well."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        body = json.dumps(said) if said else None
        headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        found = response.read()
        connection.close()
        if response.status != 200:
            raise RuntimeError(f"{path} gave {response.status}: {found[:300]!r}")
        return json.loads(found)


@contextmanager
def serving(bundle: Path, *options: str, workers: int = 1) -> Iterator[Running]:
    """Run newsdesk's server.

    Parameters
    ----------
    bundle : Path
        What it serves, as ``news``.
    *options : str
        Of ``newsdesk serve``.
    workers : int
        Its processes.

    Yields
    ------
    Running
        It, once it answers.
    """
    command = [sys.executable, "-m", "newsdesk", "serve", f"news={bundle}", "--port", "0"]
    command += ["--log-errors", "--workers", str(workers), *options]
    begun = monotonic()
    with running(command, NEWSDESK_MANAGEMENT_KEYS=KEY) as server:
        server.ask("GET", "/readyz")
        server.ready_s = monotonic() - begun
        yield server


@contextmanager
def running(command: Sequence[str], **environment: str) -> Iterator[Running]:
    """Run any server.

    Parameters
    ----------
    command : Sequence[str]
        Starts it; it says on stderr at which address it listens.
    **environment : str
        More variables for it.

    Yields
    ------
    Running
        It, once it listens.
    """
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"http://127[^\s,]+", line):
                break
        else:
            raise RuntimeError("".join(said))
        yield Running(process, found[0])
    finally:
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
                break
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def flood(
    server: Running, path: str, body: bytes, *, seconds: float, n_connections: int = 16
) -> dict[str, Any]:
    """Ask over some connections as fast as answers come (wrk).

    Parameters
    ----------
    server : Running
        Whom.
    path : str
        What.
    body : bytes
        Of each request.
    seconds : float
        So long.
    n_connections : int
        Requests under way.

    Returns
    -------
    dict[str, Any]
        Numbers of requests, seconds of the server's processors, percentiles of latency.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "body.json"
        file.write_bytes(body)
        script = Path(folder) / "post.lua"
        script.write_text(_SCRIPT.format(body=file), encoding="ascii")
        before = server.cpu_s()
        command = ["wrk", "-t1", f"-c{n_connections}", f"-d{max(1, round(seconds))}s"]
        command += ["--timeout", "30s", "-s", str(script), server.url + path]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.partition("FOUND ")[2])
    found["server_cpu_s"] = server.cpu_s() - before
    n_good = found["n"] - found["refused"]
    found["per_second"] = n_good / found["seconds"]
    found["per_core_second"] = n_good / found["server_cpu_s"]
    return found


def at_rate(
    server: Running,
    path: str,
    body: bytes,
    *,
    per_second: float,
    seconds: float,
    n_connections: int = 32,
) -> dict[str, Any]:
    """Ask at a constant rate, evenly, whether answers come or not (h2load).

    Parameters
    ----------
    server : Running
        Whom.
    path : str
        What.
    body : bytes
        Of each request.
    per_second : float
        Requests; each connection has an equal share, one under way at a time.
    seconds : float
        So long.
    n_connections : int
        Connections.

    Returns
    -------
    dict[str, Any]
        Answers and refusals, with percentiles of their latency.
    """
    with tempfile.TemporaryDirectory() as folder:
        file, log = Path(folder) / "body.json", Path(folder) / "log"
        file.write_bytes(body)
        share = max(1, round(per_second / n_connections))
        n = max(1, round(seconds * share)) * n_connections
        # Connections that begin together ask together, ever again: they begin one after the other,
        # all within the time between two requests of one of them. Milliseconds are h2load's least.
        gap = 1000 / share / n_connections
        begin = ["-r1", f"--rate-period={int(gap)}ms"]
        if gap < 1:
            begin = [f"-r{ceil(1 / gap)}", "--rate-period=1ms"]
        command = ["h2load", "--h1", "-t1", f"-c{n_connections}", f"-n{n}", f"--rps={share}"]
        command += [
            *begin,
            "-d",
            str(file),
            "-H",
            "Content-Type: application/json",
            f"--log-file={log}",
        ]
        before = server.cpu_s()
        begun = monotonic()
        subprocess.run([*command, server.url + path], capture_output=True, check=True)
        elapsed = monotonic() - begun
        rows = np.loadtxt(log, dtype=np.int64, ndmin=2)
    status, millis = rows[:, 1], rows[:, 2] / 1000
    good, refused = millis[status == 200], millis[(status == 503) | (status == 429)]
    return {
        "offered_per_second": share * n_connections,
        "seconds": elapsed,
        "server_cpu_s": server.cpu_s() - before,
        "n": len(rows),
        "n_good": len(good),
        "n_refused": len(refused),
        "n_broken": len(rows) - len(good) - len(refused),
        "good_per_second": len(good) / elapsed,
        **_percentiles("", good),
        **_percentiles("refused_", refused),
    }


def _percentiles(name: str, millis: np.ndarray) -> dict[str, float | None]:
    if not len(millis):
        return {f"{name}p50_ms": None, f"{name}p99_ms": None}
    p50, p99 = np.quantile(millis, [0.5, 0.99])
    return {f"{name}p50_ms": float(p50), f"{name}p99_ms": float(p99)}


@contextmanager
def slow_clients(port: int, n: int) -> Iterator[None]:
    """Have another process hold connections on which next to nothing comes.

    Parameters
    ----------
    port : int
        Of the server.
    n : int
        How many; a third each are idle, in their headers and in their bodies, and are opened anew
        where the server closes them.

    Yields
    ------
    None
        While they are held.
    """
    process = get_context("spawn").Process(target=_trickle, args=(port, n), daemon=True)
    process.start()
    sleep(3)
    try:
        yield
    finally:
        process.terminate()
        process.join()


_BEGINNINGS: Sequence[bytes] = (
    b"",
    b"POST /api/v1/predict HTTP/1.1\r\nX: ",
    b"POST /api/v1/predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100000\r\n\r\n{",
)


def _trickle(port: int, n: int) -> None:
    sockets: list[tuple[socket.socket, bytes]] = []
    while True:
        while len(sockets) < n:
            beginning = _BEGINNINGS[len(sockets) % len(_BEGINNINGS)]
            sock = socket.create_connection(("127.0.0.1", port))
            sock.sendall(beginning)
            sockets.append((sock, beginning))
        kept = []
        for sock, beginning in sockets:
            try:
                if beginning:
                    sock.sendall(b" ")
                sock.recv(4096, socket.MSG_DONTWAIT)
                sock.close()  # what came is a refusal, or the end
            except BlockingIOError:
                kept.append((sock, beginning))
            except OSError:
                sock.close()
        sockets = kept
        sleep(1)
