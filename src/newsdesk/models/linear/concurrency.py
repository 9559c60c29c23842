"""Works side by side on threads, their results as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event
from typing import TypeVar

from newsdesk.types import Progress

__all__ = ["Work", "side_by_side"]

T = TypeVar("T")

Work = Callable[[Progress], Iterator[T]]
"""Gives results one by one. It must tell the `Progress` of its steps: that is where it is ended
when nobody wants the rest."""


class _EndedError(Exception):
    """Nobody wants the rest."""


class _Ending:
    """A `Progress` that says nothing, but ends the work at its next step when it is to end."""

    def __init__(self) -> None:
        self.wanted = Event()

    @contextmanager
    def task(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:  # noqa: ARG002
        """Lend what ends the work."""
        yield self._step

    def _step(self, done: int) -> None:  # noqa: ARG002
        if self.wanted.is_set():
            raise _EndedError


def side_by_side(works: Sequence[Work[T]], n_threads: int) -> Iterator[T]:
    """Do several works at once.

    Parameters
    ----------
    works : Sequence[Work[T]]
        Begun in this order.
    n_threads : int
        How many are under way at once, at least 1.

    Yields
    ------
    T
        Results as they come. An error of a work is raised here. When the reader stops reading,
        works are ended at their next step, and no thread outlives the iterator.
    """
    results: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
    ending = _Ending()

    def do(work: Work[T]) -> None:
        try:
            for result in work(ending):
                results.put((result,))
            results.put(None)
        except BaseException as error:
            results.put(error)

    pool = ThreadPoolExecutor(n_threads)
    try:
        for work in works:
            pool.submit(do, work)
        n_open = len(works)
        while n_open:
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            if result is None:
                n_open -= 1
            else:
                yield result[0]
    finally:
        ending.wanted.set()
        pool.shutdown(cancel_futures=True)
