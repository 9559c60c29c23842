from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdesk.errors import StorageError
from newsdesk.store.locking import refuse_shared, try_lock

pytest.importorskip("fcntl")


@pytest.fixture
def handles(tmp_path: Path) -> Iterator[tuple[int, int]]:
    one, other = (os.open(tmp_path, os.O_RDONLY) for _ in range(2))
    yield one, other
    for handle in (one, other):
        os.close(handle)


def test_a_lock_is_held_once(handles: tuple[int, int]) -> None:
    one, other = handles
    assert try_lock(one) is True
    assert try_lock(other) is False


def test_work_that_another_process_does_is_refused(handles: tuple[int, int]) -> None:
    one, other = handles
    refuse_shared(one, "training for runs/news")
    with pytest.raises(StorageError, match="Another process is training for runs/news"):
        refuse_shared(other, "training for runs/news")


def test_a_file_system_without_locks_holds_nobody_up(
    handles: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int, _how: int) -> None:
        raise OSError(45, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    assert try_lock(handles[0]) is None
    refuse_shared(handles[1], "training for runs/news")
