"""The processes: one or several, under uvicorn's supervisor."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

from newsdesk.errors import ConfigError, StorageError
from newsdesk.serving.settings import Settings

__all__ = ["run"]


def run(settings: Settings, *, listening: Callable[[str], None] = lambda _url: None) -> int:
    """Serve until told to stop.

    Parameters
    ----------
    settings : Settings
        What to serve, and where.
    listening : Callable[[str], None]
        Told of the address, once the socket is bound.

    Returns
    -------
    int
        Exit code: 0 after SIGTERM or SIGINT.

    Raises
    ------
    StorageError
        If the address cannot be listened on.
    ConfigError
        If a worker cannot start.
    BundleError
        If a bundle cannot be loaded.
    """
    with ExitStack() as stack:
        # All is loaded here first: what cannot be served is said before a socket is bound.
        alone = settings.workers == 1
        if not alone:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="newsdesk-"))
            settings = replace(settings, runtime=Path(folder))
        sock = stack.enter_context(_bound(settings))
        app = None
        if alone:
            from newsdesk.serving.app import create_app

            app = create_app(settings)
        config = _config(settings, app)
        listening(_url(settings, sock))
        if app is not None:
            return _run_alone(config, sock)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.runtime)
        supervisor = Multiprocess(config, [sock])
        supervisor.run()
        return 0


def _run_alone(config: uvicorn.Config, sock: socket.socket) -> int:
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[sock])
    except KeyboardInterrupt:  # uvicorn raises it again when all is done
        return 0
    if not server.started:
        raise ConfigError("The server could not start.", remedy="Look at what it said above.")
    return 0


def _config(settings: Settings, app: object) -> uvicorn.Config:
    made = partial(create_in_worker, settings) if app is None else app
    return uvicorn.Config(
        made,  # type: ignore[arg-type]
        factory=app is None,
        interface="asgi3",
        workers=settings.workers,
        http="newsdesk.serving.protocol:Protocol",
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.limits.drain_s),
        timeout_worker_healthcheck=60,
        backlog=1024,
    )


def create_in_worker(settings: Settings) -> object:
    """Make the application of one worker; called in its process.

    Parameters
    ----------
    settings : Settings
        What the server was told.

    Returns
    -------
    object
        The ASGI application.
    """
    from newsdesk.serving.app import create_app

    return create_app(settings)


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
    sock.set_inheritable(True)
    return sock


def _url(settings: Settings, sock: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{sock.getsockname()[1]}"
