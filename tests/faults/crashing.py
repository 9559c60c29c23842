"""Processes that end at a chosen moment, for scripts that run in a process of their own."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable

__all__ = ["crash_at", "cut_at", "end_of", "in_child", "wait_for_no_disk"]

Act = Callable[[], object]


def in_child(act: Act) -> int:
    """Number of a child that does something; what that gives is its exit code.

    What ends in _exit or by a signal runs no clean-up, as after a power cut.
    """
    child = os.fork()
    if child == 0:
        try:
            os._exit(int(act() or 0))
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
    return child


def end_of(child: int) -> int:
    """Exit code of a child, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def wait_for_no_disk() -> None:
    """Let nobody wait for the disk: a killed process loses nothing that the system has."""
    os.fsync = lambda _handle: None


def crash_at(n: int, act: Act) -> int:
    """End a child at its n-th call of storage; its exit code, which is 9 then."""
    seen = 0

    def count(event: str, _arguments: object) -> None:
        nonlocal seen
        if event == "open" or event.startswith(("os.", "shutil.")):
            seen += 1
            if seen == n:
                os._exit(9)

    def counted() -> None:
        sync = os.fsync

        def counted_sync(handle: int) -> None:
            count("os.fsync", ())
            sync(handle)

        os.fsync = counted_sync
        sys.addaudithook(count)
        act()

    return end_of(in_child(counted))


def cut_at(n_bytes: int, act: Act) -> int:
    """End a child at a file of so many bytes; minus SIGXFSZ then."""

    def cut() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))
        act()

    return end_of(in_child(cut))
