"""The process that starts workers, replaces those that die, and ends them."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

from newsdesk.errors import NewsdeskError
from newsdesk.serving.logs import Log
from newsdesk.serving.peers import (
    Ask,
    Beat,
    Begin,
    Did,
    Failed,
    Go,
    Loaded,
    Message,
    Propose,
    Serving,
    Stop,
    Withdraw,
    receive,
    send,
)
from newsdesk.serving.rounds import Rounds

__all__ = ["Child", "Supervisor"]

WORKER = (sys.executable, "-P", "-m", "newsdesk.serving.worker")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SILENT_S = 60.0
"""A worker that gives no sign of life for so long is killed."""
_LOADING_S = 600.0
_MOST_DEATHS, _WITHIN_S = 10, 60.0
"""More deaths of workers than that, within so many seconds, end the server."""
_RETRIES_S = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Waits before a worker that could not start is started again."""
_TURN_S = 0.25


class Child:
    """A worker, as the supervisor sees it.

    Parameters
    ----------
    process : subprocess.Popen[bytes]
        It.
    control : socket.socket
        To it.
    known : Mapping[str, str]
        Digests that were served when it was started.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], control: socket.socket, known: Mapping[str, str]
    ) -> None:
        self.process, self.control, self.known = process, control, dict(known)
        self.state: Literal["loading", "loaded", "going", "serving"] = "loading"
        self.digests: dict[str, str] = {}
        self.failure: Failed | None = None
        self.is_outdated = False
        self.heard = time.monotonic()

    def send(self, message: Message) -> None:
        """Tell it something."""
        send(self.control, message)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()


class Supervisor:
    """Runs workers.

    Parameters
    ----------
    begin : Begin
        What each worker is told first.
    n_workers : int
        How many.
    listening : socket.socket
        Bound to the address of the server.
    ready : Callable[[], None]
        Called once all workers answer.
    command : Sequence[str]
        Starts a worker; two numbers of inherited sockets are added.
    environment : Mapping[str, str] | None
        Variables that workers have besides our own.
    log : Log | None
        Told of deaths.
    """

    def __init__(
        self,
        begin: Begin,
        n_workers: int,
        listening: socket.socket,
        ready: Callable[[], None],
        *,
        command: Sequence[str] = WORKER,
        environment: Mapping[str, str] | None = None,
        log: Log | None = None,
    ) -> None:
        self._begin, self._n_workers, self._listening, self._ready = (
            begin,
            n_workers,
            listening,
            ready,
        )
        self._command, self._environment = command, dict(environment or {})
        self._log = log or Log()
        self._selector = selectors.DefaultSelector()
        self._children: list[Child] = []
        self._due: list[float] = []
        self._deaths: deque[float] = deque(maxlen=_MOST_DEATHS + 1)
        self._n_failed = 0
        self._rounds = Rounds(self._serving)
        self._is_ready = False
        self._received: list[int] = []
        self._stop_by: float | None = None

    def run(self) -> int:
        """Run until a signal says stop.

        Returns
        -------
        int
            Exit code: 0 after SIGTERM or SIGHUP, 130 after SIGINT; 128 and its number after a
            second signal, which waits for nothing.

        Raises
        ------
        NewsdeskError
            If the workers cannot start, or die again and again.
        """
        with self._signals(), self._selector:
            self._due = [0.0] * self._n_workers
            try:
                while True:
                    self._spawn_due()
                    found = self._selector.select(_TURN_S)
                    # Before workers are heard: who is told to stop may have told them too.
                    if len(self._received) > 1:
                        return 128 + self._received[-1]
                    if self._received and self._stop_by is None:
                        self._stop()
                    for key, _ in found:
                        if isinstance(key.data, Child):
                            self._hear(key.data)
                        else:
                            os.read(key.fd, 512)
                    self._watch()
                    if self._stop_by is not None and not self._children:
                        return 130 if self._received[0] == signal.SIGINT else 0
            finally:
                self._end_all()

    def _spawn_due(self) -> None:
        if self._stop_by is not None:
            return
        now = time.monotonic()
        for moment in [moment for moment in self._due if moment <= now]:
            self._due.remove(moment)
            self._spawn()

    def _spawn(self) -> None:
        own, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            handles = (theirs.fileno(), self._listening.fileno())
            process = subprocess.Popen(  # noqa: S603  our own interpreter, and numbers
                [*self._command, *map(str, handles)],
                pass_fds=handles,
                stdin=subprocess.DEVNULL,
                process_group=0,  # what a terminal sends is for us
                env={**os.environ, **self._environment},
            )
        child = Child(process, own, self._rounds.digests)
        self._children.append(child)
        self._selector.register(own, selectors.EVENT_READ, child)
        child.send(self._begin)

    def _hear(self, child: Child) -> None:
        message = receive(child.control)
        child.heard = time.monotonic()
        match message:
            case None:
                self._bury(child)
            case Loaded(digests):
                child.state, child.digests = "loaded", digests
            case Serving():
                child.state = "serving"
                self._n_failed = 0
                if self._is_ready:
                    self._log.event("worker_replaced", pid=child.process.pid)
            case Failed():
                child.failure = message
            case Ask() | Propose() | Withdraw() | Did():
                self._rounds.hear(child, message)
            case Beat():
                pass

    def _watch(self) -> None:
        """Do what time brings."""
        now = time.monotonic()
        self._rounds.watch(now)
        for child in list(self._children):
            patience = _SILENT_S if child.state == "serving" else _LOADING_S
            if child.state == "loaded" and self._stop_by is None:
                self._admit(child)
            elif now - child.heard > patience:
                self._log.event("worker_hangs", pid=child.process.pid)
                child.kill()
        n_serving = sum(child.state == "serving" for child in self._children)
        if not self._is_ready and n_serving == self._n_workers:
            self._is_ready = True
            self._ready()
        if self._stop_by is not None and now > self._stop_by:
            for child in self._children:
                child.kill()

    def _admit(self, child: Child) -> None:
        """Let a worker serve if it holds what the others do, else bring them together."""
        if self._rounds.is_running:
            return
        other = next(
            (
                name
                for name in child.digests
                if self._rounds.digests.get(name) != child.digests[name]
            ),
            None,
        )
        if not self._rounds.digests or other is None:
            self._rounds.digests = dict(child.digests)
            child.state = "going"
            child.send(Go())
        elif child.known != self._rounds.digests:
            # They have changed while it was loading, perhaps after it had read the folder.
            child.is_outdated = True
            child.kill()
        else:
            # The folder holds another version than the others serve.
            self._rounds.propose(child, other, child.digests[other])

    def _serving(self) -> list[Child]:
        """Workers that serve, or will without being asked again."""
        return [child for child in self._children if child.state in ("going", "serving")]

    def _bury(self, child: Child) -> None:
        self._selector.unregister(child.control)
        child.control.close()
        code = child.process.wait()
        self._children.remove(child)
        self._rounds.lose(child)
        if self._stop_by is not None:
            return
        now = time.monotonic()
        if child.is_outdated:
            self._due.append(now)
            return
        if child.state != "serving" and not self._serving():
            self._give_up(child, code)
        self._log.event("worker_died", pid=child.process.pid, exit_code=code)
        self._deaths.append(now)
        if child.state != "serving":
            self._n_failed += 1
        elif len(self._deaths) > _MOST_DEATHS and now - self._deaths[0] < _WITHIN_S:
            problem = f"{len(self._deaths)} workers died within {_WITHIN_S:g} seconds."
            raise NewsdeskError(problem, remedy="Look into the server's log above.")
        self._due.append(now + _RETRIES_S[min(self._n_failed, len(_RETRIES_S) - 1)])

    def _give_up(self, child: Child, code: int) -> None:
        if child.failure is not None:
            raise NewsdeskError(child.failure.problem, remedy=child.failure.remedy)
        problem = f"A worker ended with code {code} before it could serve."
        raise NewsdeskError(problem, remedy="Look into the server's log above.")

    def _stop(self) -> None:
        self._stop_by = time.monotonic() + self._begin.settings.limits.drain_s + 5.0
        for child in self._children:
            if child.state in ("going", "serving"):
                child.send(Stop())
            else:
                child.kill()

    def _end_all(self) -> None:
        for child in self._children:
            child.kill()
            child.process.wait()
            child.control.close()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Collect signals, each of which also ends a wait of the selector."""
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        self._selector.register(ours, selectors.EVENT_READ)
        wake = signal.set_wakeup_fd(theirs.fileno())
        before = {
            number: signal.signal(number, lambda number, _frame: self._received.append(number))
            for number in _SIGNALS
            if signal.getsignal(number) != signal.SIG_IGN
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wake)
            ours.close()
            theirs.close()
