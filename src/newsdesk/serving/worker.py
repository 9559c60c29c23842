"""One worker process, started by the supervisor as ``python -m newsdesk.serving.worker``.

Its arguments are two inherited sockets: the one to the supervisor, and the one that listens.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from typing import TYPE_CHECKING

from newsdesk.errors import NewsdeskError
from newsdesk.serving.logs import Log
from newsdesk.serving.peers import Begin, Failed, Go, Granted, Loaded, Peers, Serving, receive, send

if TYPE_CHECKING:
    from newsdesk.serving.app import App

__all__ = ["main"]


def main(control: socket.socket, listening: socket.socket) -> int:
    """Load, wait until all hold the same versions, and serve until told to stop.

    Parameters
    ----------
    control : socket.socket
        To the supervisor.
    listening : socket.socket
        Bound to the address of the server.

    Returns
    -------
    int
        Exit code: 0 if it was told to stop, 1 if it could not begin.
    """
    begin = receive(control)
    if not isinstance(begin, Begin):  # the supervisor has died
        return 1
    peers = Peers(control)
    app = _loaded(begin, peers, control)
    if app is None:
        return 1
    send(control, Loaded({served.name: served.digest for served in app.catalogue.values()}))
    while isinstance(message := receive(control), Granted):  # the others hold our versions now
        pass
    if not isinstance(message, Go):
        return 1
    from newsdesk.serving.server import Server

    server = Server(app, lambda: send(control, Serving()))
    signal.signal(signal.SIGTERM, lambda _number, _frame: server.stop())
    control.setblocking(False)
    server.run(sockets=[listening])
    if peers.is_orphan and begin.settings.runtime is not None:
        shutil.rmtree(begin.settings.runtime, ignore_errors=True)
    return 0


def _loaded(begin: Begin, peers: Peers, control: socket.socket) -> App | None:
    try:
        from newsdesk.serving.app import create_app
        from newsdesk.serving.meters import share_by

        if begin.settings.runtime is not None:
            share_by(begin.settings.runtime)
        return create_app(begin.settings, peers=peers, n_threads=begin.n_threads)
    except NewsdeskError as error:
        send(control, Failed(error.problem, error.remedy))
    except Exception as error:
        Log().failure("start", error)
        problem = f"A worker cannot start: {type(error).__name__}."
        send(control, Failed(problem, "Look into the server's log above."))
    return None


if __name__ == "__main__":
    code = main(*(socket.socket(fileno=int(handle)) for handle in sys.argv[1:3]))
    # Threads that still predict for nobody are not waited for.
    sys.stderr.flush()
    os._exit(code)
