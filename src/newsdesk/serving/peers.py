"""What the supervisor and a worker say to each other, over a socket that only they hold."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from newsdesk.serving.faults import ServingError
from newsdesk.serving.settings import Settings

__all__ = [
    "RUNNING",
    "Abort",
    "Ask",
    "Beat",
    "Begin",
    "Commit",
    "Did",
    "Failed",
    "Go",
    "Granted",
    "Loaded",
    "Message",
    "Peers",
    "Prepare",
    "Propose",
    "Refused",
    "Serving",
    "Stop",
    "Withdraw",
    "receive",
    "refusal",
    "send",
]

BEAT_S = 2.0
"""Seconds between two signs of life."""
_MOST_BYTES = 1 << 20


class Begin(msgspec.Struct, frozen=True, tag=True):
    """To a worker: load everything."""

    settings: Settings
    n_threads: int


class Go(msgspec.Struct, frozen=True, tag=True):
    """To a worker that has loaded what the others serve: serve."""


class Stop(msgspec.Struct, frozen=True, tag=True):
    """To a worker: answer what has begun, then end."""


class Prepare(msgspec.Struct, frozen=True, tag=True):
    """To a worker: load a version beside the one that is served."""

    name: str
    digest: str


class Commit(msgspec.Struct, frozen=True, tag=True):
    """To a worker: serve the version that was prepared."""

    name: str
    digest: str


class Abort(msgspec.Struct, frozen=True, tag=True):
    """To a worker: forget what was prepared."""


class Granted(msgspec.Struct, frozen=True, tag=True):
    """To a worker that asked, or that proposed: it may load a version, or all serve it."""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """To a worker that asked, or that proposed: no."""

    status: int
    code: str
    problem: str
    hint: str


RUNNING = Refused(
    409, "reload_running", "A model is being loaded already.", "Try again when it is done."
)


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """From a worker: everything is loaded, in these versions by model."""

    digests: dict[str, str]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it cannot start."""

    problem: str
    remedy: str


class Serving(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it answers requests."""


class Beat(msgspec.Struct, frozen=True, tag=True):
    """From a worker: its event loop turns."""


class Ask(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it wants to load a new version."""


class Propose(msgspec.Struct, frozen=True, tag=True):
    """From a worker that was granted it: it holds a new version, which all are to serve."""

    name: str
    digest: str


class Withdraw(msgspec.Struct, frozen=True, tag=True):
    """From a worker that was granted it: there is no new version."""


class Did(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it has prepared or committed a version, or cannot."""

    digest: str
    is_able: bool = True


Message = (
    Begin
    | Go
    | Stop
    | Prepare
    | Commit
    | Abort
    | Granted
    | Refused
    | Loaded
    | Failed
    | Serving
    | Beat
    | Ask
    | Propose
    | Withdraw
    | Did
)


def _path(kind: type, value: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    return kind(value)


_DECODER: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message, dec_hook=_path)


def send(control: socket.socket, message: Message) -> None:
    """Send a message.

    Parameters
    ----------
    control : socket.socket
        Of kind SOCK_SEQPACKET.
    message : Message
        One message; who has gone does not get it.
    """
    # Nor does a supervisor that is stopped: of signs of life it has had enough by then.
    with suppress(BrokenPipeError, ConnectionResetError, BlockingIOError):
        control.send(msgspec.json.encode(message, enc_hook=str))


def receive(control: socket.socket) -> Message | None:
    """Receive a message.

    Parameters
    ----------
    control : socket.socket
        Of kind SOCK_SEQPACKET.

    Returns
    -------
    Message | None
        None if the other side has gone.
    """
    try:
        data = control.recv(_MOST_BYTES)
    except ConnectionResetError:
        return None
    return _DECODER.decode(data) if data else None


def refusal(said: Refused) -> ServingError:
    """Tell a client what the supervisor has told a worker.

    Parameters
    ----------
    said : Refused
        It.

    Returns
    -------
    ServingError
        With ``Retry-After`` where it may be different soon.
    """
    wait = {"Retry-After": "2"} if said.status in (409, 503) else {}
    return ServingError(said.status, said.code, said.problem, said.hint, wait)


class Peers:
    """A worker's end of the socket, inside its event loop.

    Parameters
    ----------
    control : socket.socket
        To the supervisor.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._answer: asyncio.Future[Message] | None = None
        self.is_orphan = False
        """Whether the supervisor has died."""

    def listen(self, told: Callable[[Message], None], stop: Callable[[], None]) -> None:
        """Hear the supervisor from now on.

        Parameters
        ----------
        told : Callable[[Message], None]
            Called with each `Prepare`, `Commit` and `Abort`.
        stop : Callable[[], None]
            Called when the worker is to end.
        """
        loop = asyncio.get_running_loop()

        def hear() -> None:
            message = receive(self._control)
            if message is None or isinstance(message, Stop):
                self.is_orphan = message is None
                loop.remove_reader(self._control)
                stop()
            elif isinstance(message, Granted | Refused):
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(message)
            else:
                told(message)

        loop.add_reader(self._control, hear)

    def say(self, message: Message) -> None:
        """Tell the supervisor something.

        Parameters
        ----------
        message : Message
            It.
        """
        send(self._control, message)

    async def ask(self, message: Ask | Propose) -> None:
        """Ask the supervisor, and wait for what it says.

        Parameters
        ----------
        message : Ask | Propose
            The question.

        Raises
        ------
        ServingError
            What it refuses with.
        """
        self._answer = asyncio.get_running_loop().create_future()
        self.say(message)
        answer = await self._answer
        if isinstance(answer, Refused):
            raise refusal(answer)

    async def beat(self) -> None:
        """Give signs of life until cancelled."""
        while True:
            self.say(Beat())
            await asyncio.sleep(BEAT_S)
