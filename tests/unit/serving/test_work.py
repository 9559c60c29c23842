"""Where predicting happens."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from newsdesk.serving.faults import ServingError
from newsdesk.serving.work import Work, overloaded


async def stays() -> Any:
    """A client that waits for its answer."""
    return await asyncio.Event().wait()


def leaves(after_s: float) -> Callable[[], Awaitable[Any]]:
    async def receive() -> Any:
        await asyncio.sleep(after_s)
        return {"type": "http.disconnect"}

    return receive


def test_short_work_is_done_at_once_and_long_work_in_threads() -> None:
    work = Work(1)
    here = threading.get_ident()
    assert asyncio.run(work.run(0.001, threading.get_ident, stays)) == here
    assert asyncio.run(work.run(0.1, threading.get_ident, stays)) != here


def test_as_many_threads_as_asked_for_or_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_THREADS", "3")
    assert (Work().n_threads, Work(2).n_threads) == (3, 2)


def test_work_that_would_wait_too_long_is_refused() -> None:
    work = Work(1, waiting_s=0.5)
    release = threading.Event()

    async def live() -> None:
        running = [asyncio.create_task(work.run(0.3, release.wait, stays)) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert work.is_full
        with pytest.raises(ServingError) as caught:
            await work.run(0.3, release.wait, stays)
        assert (caught.value.status, caught.value.code) == (503, "overloaded")
        release.set()
        await asyncio.gather(*running)
        await asyncio.sleep(0.05)
        assert not work.is_full
        assert work.pending_s == pytest.approx(0)

    asyncio.run(live())


def test_work_whose_client_leaves_before_its_turn_is_skipped() -> None:
    work = Work(1, waiting_s=60)
    done: list[int] = []
    release = threading.Event()

    async def live() -> None:
        first = asyncio.create_task(work.run(1, release.wait, stays))
        gone = [
            asyncio.create_task(work.run(1, lambda n=n: done.append(n), leaves(0.02)))
            for n in range(5)
        ]
        for task in gone:
            with pytest.raises(ServingError) as caught:
                await task
            assert (caught.value.status, caught.value.code) == (499, "client_gone")
        release.set()
        await first
        await asyncio.sleep(0.05)

    asyncio.run(live())
    assert (done, work.n_skipped) == ([], 5)
    assert work.pending_s == pytest.approx(0)


def test_work_that_has_begun_counts_until_it_ends_though_its_client_leaves() -> None:
    work = Work(1)
    release = threading.Event()

    async def live() -> None:
        with pytest.raises(ServingError):
            await work.run(0.4, release.wait, leaves(0.02))
        assert (work.pending_s, work.n_skipped) == (pytest.approx(0.4), 0)
        release.set()
        await asyncio.sleep(0.1)
        assert work.pending_s == pytest.approx(0)

    asyncio.run(live())


def test_what_work_raises_is_raised() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    for seconds in (0.0, 1.0):
        with pytest.raises(ZeroDivisionError):
            asyncio.run(Work(1).run(seconds, fail, stays))


def test_closing_leaves_out_what_has_not_begun() -> None:
    work = Work(1)
    done: list[int] = []

    async def live() -> None:
        tasks = [
            asyncio.create_task(work.run(1, lambda: (time.sleep(0.1), done.append(1)), stays))
            for _ in range(5)
        ]
        await asyncio.sleep(0.05)
        work.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(live())
    assert done == [1]


@pytest.mark.parametrize(("seconds", "said"), [(0.0, "1"), (1.2, "2"), (9.0, "9")])
def test_who_is_refused_is_told_when_to_come_back(seconds: float, said: str) -> None:
    assert overloaded(seconds).headers == {"Retry-After": said}
