"""One process's server: uvicorn, without its words and without its hold on signals."""

from __future__ import annotations

import gc
import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from newsdesk.serving.app import App
    from newsdesk.serving.logs import Log

__all__ = ["Server"]

_BACKLOG = 1024
_KEEP_ALIVE_S = 75
"""As nginx has it."""


class Server(uvicorn.Server):
    """Answers on a socket until it is told to stop.

    Parameters
    ----------
    app : App
        What answers.
    begun : Callable[[], None]
        Called once it answers.
    """

    def __init__(self, app: App, begun: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            interface="asgi3",
            http="newsdesk.serving.protocol:Protocol",
            loop="uvloop",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=max(1, round(app.limits.drain_s)),
            backlog=_BACKLOG,
        )
        super().__init__(config)
        self._begun = begun
        app.stop = self.stop
        for name in ("uvicorn.error", "asyncio"):
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [_Words(app.log)], False

    def stop(self) -> None:
        """Take no more connections, answer what has begun, and end."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        # What requests leave behind is collected twice a second under load. Modules and models stay
        # anyhow: to look through them too takes 70 ms each time, in which nobody is answered.
        gc.freeze()
        self._begun()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the server."""
        yield


class _Words(logging.Handler):
    """Puts what libraries complain of into the log, as JSON like the rest."""

    def __init__(self, log: Log) -> None:
        # Their warnings are of clients that speak no HTTP, which are counted.
        super().__init__(logging.ERROR)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        facts = {"message": record.getMessage()[:1000]}
        if record.exc_info and record.exc_info[1] is not None:
            facts["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))[-8000:]
        self._log.event("server", **facts)
