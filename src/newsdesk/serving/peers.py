"""The workers of one server, which know each other by small files in a folder of theirs."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from newsdesk.serving.faults import ServingError

__all__ = ["Peers", "Round"]

T = TypeVar("T")

_LOOK_S = 0.02


class Round(msgspec.Struct, frozen=True):
    """What all workers are to do: load a version beside the old one, serve it, or forget it."""

    name: str
    digest: str
    phase: Literal["prepare", "commit", "abort"]
    by: int = 0
    n: int = 0


class Answer(msgspec.Struct, frozen=True):
    """What a worker says of a round."""

    n: int
    phase: str
    error: str | None = None


class Worker(msgspec.Struct, frozen=True):
    """A worker that serves."""

    pid: int
    digests: dict[str, str]


_ROUND = msgspec.json.Decoder(Round)
_ANSWER = msgspec.json.Decoder(Answer)
_WORKER = msgspec.json.Decoder(Worker)


class Peers:
    """A worker's view of the others.

    Parameters
    ----------
    folder : Path
        Shared by the workers of one server and nobody else.
    """

    def __init__(self, folder: Path) -> None:
        self._pid = os.getpid()
        self._round = folder / "round.json"
        self._workers, self._answers = folder / "workers", folder / "answers"
        self._lock = folder / "reload.lock"
        for place in (self._workers, self._answers):
            place.mkdir(exist_ok=True)
        self._n = 0

    def register(self, digests: dict[str, str]) -> None:
        """Say what this worker serves.

        Parameters
        ----------
        digests : dict[str, str]
            By model.
        """
        _write(self._workers / str(self._pid), Worker(self._pid, digests))

    def leave(self) -> None:
        """Say that this worker serves no more."""
        (self._workers / str(self._pid)).unlink(missing_ok=True)

    def alive(self) -> list[int]:
        """Process numbers of the workers that serve."""
        found = []
        for path in self._workers.iterdir():
            if path.name.isdigit():
                pid = int(path.name)
                if _is_alive(pid):
                    found.append(pid)
                else:
                    path.unlink(missing_ok=True)
        return sorted(found)

    def current(self) -> Round | None:
        """The last round that was called."""
        return _read(self._round, _ROUND)

    def is_mine(self, asked: Round) -> bool:
        """Tell whether this worker called a round."""
        return asked.by == self._pid

    def announce(self, asked: Round) -> Round:
        """Call a round.

        Parameters
        ----------
        asked : Round
            What to do.

        Returns
        -------
        Round
            The same with its number.
        """
        before = self.current()
        self._n = (0 if before is None else before.n) + 1
        called = msgspec.structs.replace(asked, by=self._pid, n=self._n)
        _write(self._round, called)
        return called

    async def call(self, asked: Round, seconds: float) -> None:
        """Call a round and wait until all have done it; see `wait`."""
        self.announce(asked)
        await self.wait(asked, seconds)

    async def wait(self, asked: Round, seconds: float) -> None:
        """Wait until all other workers have answered to the last round.

        Parameters
        ----------
        asked : Round
            It.
        seconds : float
            At the most.

        Raises
        ------
        ServingError
            422 if one of them cannot, 503 if one does not answer in time. Who has died is not
            waited for: whoever takes its place loads the model's folder anew.
        """
        end = time.monotonic() + seconds
        while True:
            missing = []
            for pid in self.alive():
                if pid == self._pid:
                    continue
                said = _read(self._answers / str(pid), _ANSWER)
                if said is None or (said.n, said.phase) != (self._n, asked.phase):
                    missing.append(pid)
                elif said.error is not None:
                    problem = "A worker cannot load the bundle; the version before is served on."
                    hint = "Look into the server's log."
                    raise ServingError(422, "load_failed", problem, hint)
            if not missing:
                return
            if time.monotonic() > end:
                problem = f"{len(missing)} of the workers did not answer in time."
                hint = "Look into the server's log, then load the model again."
                raise ServingError(503, "reload_timeout", problem, hint, {"Retry-After": "5"})
            await asyncio.sleep(_LOOK_S)

    def acknowledge(self, asked: Round, error: str | None) -> None:
        """Answer to a round.

        Parameters
        ----------
        asked : Round
            It.
        error : str | None
            Why this worker cannot.
        """
        _write(self._answers / str(self._pid), Answer(asked.n, asked.phase, error))

    @contextmanager
    def alone(self, refusal: Callable[[], Exception]) -> Iterator[None]:
        """Keep the other workers from calling rounds meanwhile.

        Parameters
        ----------
        refusal : Callable[[], Exception]
            Raised if another one is calling.

        Yields
        ------
        None
            While this one may.
        """
        with self._lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise refusal() from None
            yield


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _write(path: Path, value: msgspec.Struct) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(msgspec.json.encode(value))
    temporary.replace(path)


def _read(path: Path, decoder: msgspec.json.Decoder[T]) -> T | None:
    with suppress(FileNotFoundError, msgspec.MsgspecError):
        return decoder.decode(path.read_bytes())
    return None
