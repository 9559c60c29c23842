"""Where predicting happens: at once where it is fast, else in a thread; never in a long queue."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from starlette.types import Receive

from newsdesk import config
from newsdesk.serving.faults import ServingError, client_gone

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
        self.n_threads = n_threads or config.n_threads()
        self.waiting_s = waiting_s
        self.pending_s = 0.0
        """Seconds of work that is waiting or being done in threads."""
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

    @property
    def is_full(self) -> bool:
        """Whether long work would wait too long for its turn."""
        return self.pending_s > self.waiting_s * self.n_threads

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
        if self.is_full:
            raise overloaded(self.pending_s / self.n_threads)
        loop = asyncio.get_running_loop()
        job = self._pool.submit(act)
        self.pending_s += seconds
        # Counted until it is done, even if nobody waits for it any more.
        job.add_done_callback(lambda _job: self._end(loop, seconds))
        future = asyncio.wrap_future(job)
        gone = loop.create_task(_disconnected(receive))
        both: set[asyncio.Future[Any]] = {future, gone}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if future.done():
                return future.result()
        finally:
            gone.cancel()
            self.n_skipped += job.cancel()  # True where no thread has begun it
            future.cancel()
        raise client_gone()

    def _end(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        def end() -> None:
            self.pending_s -= seconds

        with suppress(RuntimeError):  # the loop has ended before the thread
            loop.call_soon_threadsafe(end)

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
