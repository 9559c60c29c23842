"""Serving by one process, or by several under a supervisor."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from newsdesk.config import n_threads
from newsdesk.errors import StorageError
from newsdesk.serving.settings import Settings

__all__ = ["run"]

_ONE_EACH = {"NEWSDESK_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""A prediction has one thread, so that as many may run as there are processors."""


def run(settings: Settings, *, listening: Callable[[str], None] = lambda _url: None) -> int:
    """Serve until told to stop.

    SIGTERM, SIGINT (Ctrl-C) and SIGHUP say stop: no connection is taken any more, what has begun is
    answered within ``limits.drain_s``, and corrections are stored. A second signal ends all of that
    at once.

    Parameters
    ----------
    settings : Settings
        What to serve, and where.
    listening : Callable[[str], None]
        Told of the address once requests are answered there.

    Returns
    -------
    int
        Exit code: 0 after SIGTERM or SIGHUP, 130 after SIGINT.

    Raises
    ------
    StorageError
        If the address cannot be listened on.
    BundleError
        If a bundle cannot be loaded.
    NewsdeskError
        If workers cannot start, or die again and again.
    """
    with _bound(settings) as sock:
        url = _url(settings, sock)
        if settings.workers == 1:
            return _run_alone(settings, sock, lambda: listening(url))
        return _run_workers(settings, sock, lambda: listening(url))


def _run_alone(settings: Settings, sock: socket.socket, ready: Callable[[], None]) -> int:
    own_threads = n_threads()
    os.environ.update(_ONE_EACH)
    from newsdesk.serving.app import create_app
    from newsdesk.serving.server import Server

    app = create_app(settings, n_threads=own_threads)
    server = Server(app, ready)
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        if received:
            app.log.flush()
            os._exit(128 + number)
        received.append(number)
        server.stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)
    server.run(sockets=[sock])
    return 130 if received and received[0] == signal.SIGINT else 0


def _run_workers(settings: Settings, sock: socket.socket, ready: Callable[[], None]) -> int:
    from newsdesk.serving.peers import Begin
    from newsdesk.serving.supervisor import Supervisor

    with tempfile.TemporaryDirectory(prefix="newsdesk-", ignore_cleanup_errors=True) as folder:
        begin = Begin(
            replace(settings, runtime=Path(folder)), max(1, n_threads() // settings.workers)
        )
        return Supervisor(begin, settings.workers, sock, ready, environment=_ONE_EACH).run()


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    sock = socket.socket(family=family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
    except OSError as error:
        sock.close()
        problem = f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}."
        raise StorageError(problem, remedy="Name another port (--port).") from error
    return sock


def _url(settings: Settings, sock: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{sock.getsockname()[1]}"
