"""Work that is given up when its time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from newsdesk.types import Progress, Renaming

__all__ = ["Deadline", "OutOfTimeError"]


class OutOfTimeError(Exception):
    """The time is over; it never leaves the ladder."""


class Deadline:
    """A `Progress` that stops whoever tells it how far they are when the time is over.

    Work that tells nothing is not stopped.

    Parameters
    ----------
    progress : Progress
        Who is told.
    seconds : float
        From now on.
    """

    def __init__(self, progress: Progress, seconds: float) -> None:
        self._progress = progress
        self._end = time.perf_counter() + seconds

    @contextmanager
    def task(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
        """Open a task; see `newsdesk.types.Progress.task`.

        Parameters
        ----------
        name : str
            What is being done.
        total : int
            Units in all.
        unit : str
            What is counted, in the plural.

        Yields
        ------
        Callable[[int], None]
            To be called with the units done since the last call.

        Raises
        ------
        OutOfTimeError
            When the time is over; so does what is yielded.
        """
        self._check()
        with self._progress.task(name, total, unit) as tell:

            def done(n: int) -> None:
                tell(n)
                self._check()

            yield done

    def rename(self, name: str, text: str) -> None:
        """Say more of an open task; see `newsdesk.types.Renaming`.

        Parameters
        ----------
        name : str
            The name that the task was opened by.
        text : str
            What to say.
        """
        if isinstance(self._progress, Renaming):
            self._progress.rename(name, text)

    def _check(self) -> None:
        if time.perf_counter() > self._end:
            raise OutOfTimeError("the time is over")
