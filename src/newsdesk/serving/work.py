"""Where predicting happens: at once where it is fast, else in a thread; never in a long queue."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.types import Receive

from newsdesk.serving.faults import ServingError

__all__ = ["Work"]

T = TypeVar("T")

_AT_ONCE_S = 0.003
"""Work this short is done in the event loop: to hand it to a thread costs as much as to do it."""


class Work:
    """Runs predictions.

    Parameters
    ----------
    n_threads : int | None
        Threads for long work; None means one per core.
    waiting_s : float
        Work whose turn would come later is refused.
    """

    def __init__(self, n_threads: int | None = None, waiting_s: float = 1.0) -> None:
        self.n_threads = n_threads or len(os.sched_getaffinity(0))
        self.waiting_s = waiting_s
        self.pending_s = 0.0
        """Seconds of work that is waiting or being done."""
        self.n_skipped = 0
        """Requests whose client had gone before their turn came."""
        self._pool = ThreadPoolExecutor(self.n_threads, thread_name_prefix="predict")

    @staticmethod
    def is_short(seconds: float) -> bool:
        """Tell whether work is done in the event loop.

        Parameters
        ----------
        seconds : float
            How long it takes.

        Returns
        -------
        bool
            Whether that is less than handing it to a thread costs others.
        """
        return seconds < _AT_ONCE_S

    async def run(self, seconds: float, act: Callable[[], T], receive: Receive) -> T:
        """Do some work.

        Parameters
        ----------
        seconds : float
            How long it takes, as far as is known.
        act : Callable[[], T]
            The work.
        receive : Receive
            Of the request, whose body has been read: it tells when the client has gone.

        Returns
        -------
        T
            What it gives.

        Raises
        ------
        ServingError
            503 if its turn would come too late; 499 if the client has gone before.
        """
        if self.is_short(seconds):
            return act()
        ahead_s = self.pending_s / self.n_threads
        if ahead_s > self.waiting_s:
            raise overloaded(ahead_s)
        self.pending_s += seconds
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, act)
        gone = loop.create_task(_disconnected(receive))
        both: set[asyncio.Future[Any]] = {future, gone}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not future.done() and future.cancel():
                self.n_skipped += 1
                problem, hint = "The client has gone.", "Send the request again."
                raise ServingError(499, "client_gone", problem, hint)
            return await future
        finally:
            gone.cancel()
            self.pending_s -= seconds

    def close(self) -> None:
        """Let threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def overloaded(seconds: float = 1.0) -> ServingError:
    """Refuse work.

    Parameters
    ----------
    seconds : float
        When to try again.

    Returns
    -------
    ServingError
        503 with ``Retry-After``.
    """
    wait = {"Retry-After": str(max(math.ceil(seconds), 1))}
    problem, hint = "The server has more to do than it can.", "Try again after Retry-After seconds."
    return ServingError(503, "overloaded", problem, hint, wait)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
