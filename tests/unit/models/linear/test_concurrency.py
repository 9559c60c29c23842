from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import sleep

import pytest

from newsdesk.models.linear.concurrency import Work, side_by_side
from newsdesk.types import Progress


def counting(name: str, n: int) -> Work[tuple[str, int]]:
    def work(progress: Progress) -> Iterator[tuple[str, int]]:
        with progress.task("steps", n, "steps") as done:
            for number in range(n):
                done(1)
                yield name, number

    return work


def endless(started: threading.Event, ended: threading.Event) -> Work[int]:
    def work(progress: Progress) -> Iterator[int]:
        try:
            with progress.task("steps", 1, "steps") as done:
                while True:
                    started.set()
                    done(1)
                    sleep(0.001)
        finally:
            ended.set()
        yield 0

    return work


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_every_result_of_every_work_comes_once_and_each_work_in_order(n_threads: int) -> None:
    works = [counting("a", 30), counting("b", 0), counting("c", 7)]
    found = list(side_by_side(works, n_threads))
    assert sorted(found) == sorted([("a", i) for i in range(30)] + [("c", i) for i in range(7)])
    assert [number for name, number in found if name == "a"] == list(range(30))


def test_nothing_to_do_gives_nothing() -> None:
    works: list[Work[int]] = []
    assert list(side_by_side(works, 2)) == []


def test_works_are_under_way_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=60)

    def work(progress: Progress) -> Iterator[int]:
        yield meeting.wait()

    assert sorted(side_by_side([work, work], 2)) == [0, 1]


def test_an_error_of_a_work_is_raised_and_ends_the_others() -> None:
    started, ended = threading.Event(), threading.Event()

    def failing(progress: Progress) -> Iterator[int]:
        assert started.wait(60)
        yield 1
        raise ArithmeticError("no")

    with pytest.raises(ArithmeticError, match="no"):
        list(side_by_side([endless(started, ended), failing], 2))
    assert ended.is_set()


def test_no_thread_outlives_a_reader_that_goes() -> None:
    started, ended = threading.Event(), threading.Event()
    before = set(threading.enumerate())
    results = side_by_side([counting_forever(started), endless(started, ended)], 2)
    assert next(results) == 0
    assert started.wait(60)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert ended.is_set()
    assert set(threading.enumerate()) <= before


def counting_forever(started: threading.Event) -> Work[int]:
    def work(progress: Progress) -> Iterator[int]:
        assert started.wait(60)
        step: Callable[[int], None]
        with progress.task("steps", 1, "steps") as step:
            number = 0
            while True:
                yield number
                number += 1
                step(1)
                sleep(0.001)

    return work
