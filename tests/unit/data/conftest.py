from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest


class Recorder:
    """Keeps total and done of each task by its name."""

    def __init__(self) -> None:
        self.tasks: dict[str, list[int]] = {}

    @contextmanager
    def task(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
        counts = self.tasks.setdefault(name, [total, 0])

        def advance(done: int) -> None:
            counts[1] += done

        yield advance


@pytest.fixture
def progress() -> Recorder:
    return Recorder()
