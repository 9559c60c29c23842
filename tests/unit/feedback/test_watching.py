from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from newsdesk.feedback import watching
from newsdesk.feedback.watching import Watch


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.db"
    path.write_bytes(b"SQLite format 3\0" + bytes(100))
    return path


def test_a_file_that_stays_is_no_trouble(path: Path) -> None:
    watch = Watch(path)
    assert watch.trouble() is None
    assert not watch.is_replaced
    watch.release()


def test_a_new_file_is_empty_and_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()
    watch = Watch(tmp_path / "new.db")
    assert watch.trouble() is None
    watch.release()


def test_a_deleted_file_is_noticed_and_known_again(path: Path) -> None:
    watch = Watch(path)
    path.rename(path.with_suffix(".away"))
    assert "gone" in str(watch.trouble())
    assert not watch.is_replaced
    path.with_suffix(".away").rename(path)
    assert watch.trouble() is None
    watch.release()


def test_a_replaced_file_is_noticed(path: Path) -> None:
    watch = Watch(path)
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    other.replace(path)
    assert "another file" in str(watch.trouble())
    assert watch.is_replaced
    watch.release()


def test_an_overwritten_header_is_noticed(path: Path) -> None:
    watch = Watch(path)
    with path.open("r+b") as file:
        file.write(bytes(16))
    assert "damaged" in str(watch.trouble())
    watch.release()


def test_a_file_that_is_not_there_cannot_be_watched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Watch(tmp_path / "none.db")


def test_the_log_of_a_replaced_file_is_removed_and_no_other(path: Path) -> None:
    logs = [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm")]

    def replace() -> None:
        other = path.with_suffix(".new")
        other.write_bytes(path.read_bytes())
        other.replace(path)

    def leave_logs() -> None:
        for log in logs:
            log.unlink(missing_ok=True)
            log.write_text("log")

    leave_logs()
    watch = Watch(path)
    replace()
    watch.release()
    assert not any(log.exists() for log in logs)
    leave_logs()
    watch = Watch(path)
    replace()
    leave_logs()  # another process has opened the new file
    watch.release()
    assert all(log.exists() for log in logs)
    watch = Watch(path)
    watch.release()
    assert all(log.exists() for log in logs)


def test_closing_one_watch_leaves_the_locks_of_connections_alone(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE t (a)")
    first, second = Watch(path), Watch(path)
    connection.execute("BEGIN IMMEDIATE")
    second.release()
    # A lock that binds this process cannot be seen from within it.
    child = os.fork()
    if child == 0:
        try:
            other = sqlite3.connect(path, timeout=0, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    connection.close()
    first.release()
    assert not watching._held
