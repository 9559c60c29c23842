from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.errors import DataError, StorageError
from newsdesk.features.caching import alone, cache_folder, published


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", "/made/anew")
    assert cache_folder("vectors") == Path("/made/anew/vectors")
    monkeypatch.delenv("NEWSDESK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder("vectors") == Path("/caches/newsdesk/vectors")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/reader")
    assert cache_folder("vectors") == Path("/home/reader/.cache/newsdesk/vectors")


def test_a_user_without_a_home_is_told_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("NEWSDESK_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(StorageError, match="Set NEWSDESK_CACHE"):
        cache_folder("vectors")


def test_an_entry_appears_whole(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    with published(entry) as folder:
        (folder / "file").write_bytes(b"1")
        assert not entry.exists()
    assert (entry / "file").read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [entry]


def test_an_entry_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def write_half() -> None:
        with published(tmp_path / "entry") as folder:
            (folder / "file").write_bytes(b"1")
            raise DataError("It is damaged.", remedy="Fetch it again.")

    with pytest.raises(DataError):
        write_half()
    assert not list(tmp_path.iterdir())


def test_a_broken_entry_is_replaced(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    entry.mkdir()
    (entry / "half").write_bytes(b"1")
    with published(entry) as folder:
        (folder / "whole").write_bytes(b"2")
    assert [path.name for path in entry.iterdir()] == ["whole"]


def test_what_killed_processes_left_is_removed(tmp_path: Path) -> None:
    entry = tmp_path / "cache" / "entry"
    left = entry.with_name(".entry.tmp-1234")
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"1")
    other = entry.with_name(".other.tmp-1234")
    other.mkdir()
    with alone(entry):
        assert not left.exists()
        assert other.exists()


def test_only_one_is_at_work_on_an_entry(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    entry = tmp_path / "entry"
    lock = tmp_path / ".entry.lock"
    with alone(entry), lock.open("rb+") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with lock.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_cache_that_cannot_be_written_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with (
        pytest.raises(StorageError, match="Set NEWSDESK_CACHE"),
        alone(tmp_path / "file" / "entry"),
    ):
        pass
    with pytest.raises(StorageError, match="Set NEWSDESK_CACHE"), published(tmp_path / "no" / "x"):
        pass
