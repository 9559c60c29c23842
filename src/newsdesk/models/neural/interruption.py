"""Ctrl-C and SIGTERM, put off until the state of a training is on the disk."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

__all__ = ["Interruption", "deferred"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether somebody has asked the process to stop."""

    def __init__(self) -> None:
        self.signal: int | None = None

    @property
    def asked(self) -> bool:
        """Whether the training is to stop."""
        return self.signal is not None

    def stop(self, words: str) -> NoReturn:
        """Stop as was asked for.

        Parameters
        ----------
        words : str
            What a person should know.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C.
        SystemExit
            After SIGTERM, with 128 + 15.
        """
        if self.signal == signal.SIGTERM:
            raise SystemExit(128 + self.signal)
        raise KeyboardInterrupt(words)


@contextmanager
def deferred() -> Iterator[Interruption]:
    """Note the first signal instead of stopping at once; a second one stops at once.

    Only the main thread is told of signals: in others nothing changes.

    Yields
    ------
    Interruption
        To be asked between two steps.
    """
    found = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield found
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, _frame: FrameType | None) -> None:
        found.signal = number
        restore()

    try:
        for number in _SIGNALS:
            signal.signal(number, note)
        yield found
    finally:
        restore()
