"""Rounds: one version of one model at a time is brought to all workers, or to none."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from newsdesk.serving.peers import (
    RUNNING,
    Abort,
    Ask,
    Commit,
    Did,
    Granted,
    Message,
    Prepare,
    Propose,
    Refused,
    Withdraw,
)

__all__ = ["Member", "Rounds"]

_PHASES_S = {"granted": 120.0, "prepare": 120.0, "commit": 20.0}


class Member(Protocol):
    """A worker."""

    def send(self, message: Message) -> None:
        """Tell it something."""

    def kill(self) -> None:
        """End it; a new one takes its place."""


class Rounds:
    """Keeps the workers on one version of each model.

    Parameters
    ----------
    serving : Callable[[], Sequence[Member]]
        The workers that answer requests now.
    """

    def __init__(self, serving: Callable[[], Sequence[Member]]) -> None:
        self.digests: dict[str, str] = {}
        """What all workers serve, by model."""
        self._serving = serving
        self._phase: Literal["none", "granted", "prepare", "commit"] = "none"
        self._asker: Member | None = None
        self._waiting: list[Member] = []
        self._name = self._digest = ""
        self._ends = 0.0

    @property
    def is_running(self) -> bool:
        """Whether a version is being brought to the workers."""
        return self._phase != "none"

    def hear(self, member: Member, message: Ask | Propose | Withdraw | Did) -> None:
        """Do what a worker's word brings.

        Parameters
        ----------
        member : Member
            The worker.
        message : Ask | Propose | Withdraw | Did
            Its word.
        """
        match message:
            case Ask() if self.is_running:
                member.send(RUNNING)
            case Ask():
                self._asker = member
                self._begin("granted")
                member.send(Granted())
            case Propose(name, digest) if member is self._asker and self._phase == "granted":
                self.propose(member, name, digest)
            case Propose():
                member.send(_late())
            case Withdraw() if member is self._asker and self._phase == "granted":
                self._phase = "none"
            case Did(digest, is_able) if member in self._waiting and digest == self._digest:
                if is_able:
                    self._leave(member)
                elif self._phase == "prepare":
                    problem = "A worker cannot load the bundle; the version before is served on."
                    hint = "Look into the server's log."
                    self._abort(Refused(422, "load_failed", problem, hint))
                else:  # it has promised to
                    member.kill()

    def propose(self, asker: Member, name: str, digest: str) -> None:
        """Bring a version to all workers that serve.

        Parameters
        ----------
        asker : Member
            A worker that holds it.
        name : str
            Of the model.
        digest : str
            Of the version.
        """
        self._asker, self._name, self._digest = asker, name, digest
        self._begin("prepare")
        self._waiting = [member for member in self._serving() if member is not asker]
        for member in self._waiting:
            member.send(Prepare(name, digest))
        self._go_on()

    def lose(self, member: Member) -> None:
        """Wait no more for a worker that has died.

        Parameters
        ----------
        member : Member
            It; whoever takes its place is compared with the others before it serves.
        """
        if member is self._asker:
            self._asker = None  # nobody is left to be told
            if self._phase in ("granted", "prepare"):
                self._abort(None)
        if member in self._waiting:
            self._leave(member)

    def watch(self, now: float) -> None:
        """End a round whose time is over.

        Parameters
        ----------
        now : float
            By the clock that never goes back.
        """
        if not self.is_running or now < self._ends:
            return
        if self._phase == "commit":
            for member in list(self._waiting):
                member.kill()
                self._leave(member)
        else:
            self._abort(_late())

    def _begin(self, phase: Literal["granted", "prepare", "commit"]) -> None:
        self._phase = phase
        self._ends = time.monotonic() + _PHASES_S[phase]

    def _leave(self, member: Member) -> None:
        self._waiting.remove(member)
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting:
            return
        if self._phase == "prepare":
            self.digests = {**self.digests, self._name: self._digest}
            self._begin("commit")
            self._waiting = list(self._serving())
            for member in self._waiting:
                member.send(Commit(self._name, self._digest))
        if self._phase == "commit" and not self._waiting:
            self._phase = "none"
            if self._asker is not None:
                self._asker.send(Granted())
            self._asker = None

    def _abort(self, why: Refused | None) -> None:
        for member in self._serving():
            member.send(Abort())
        if self._asker is not None and why is not None:
            self._asker.send(why)
        self._phase, self._asker, self._waiting = "none", None, []


def _late() -> Refused:
    problem, hint = "The workers did not answer in time.", "Load the model again."
    return Refused(503, "reload_timeout", problem, hint)
