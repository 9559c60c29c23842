from __future__ import annotations

import errno
import gzip
from pathlib import Path
from types import SimpleNamespace

import pytest

from newsdesk.errors import DataError, StorageError
from newsdesk.features.vectors.source import opened, unreadable
from newsdesk.types import Silent


class Told(Silent):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.totals: list[int] = []
        self.done = 0

    def task(self, name: str, total: int, unit: str):  # noqa: ANN201
        self.totals.append(total)
        return super().task(name, total, unit) if unit != "bytes" else self

    def __enter__(self):  # noqa: ANN204
        return self.advance

    def __exit__(self, *reason: object) -> None:
        return None

    def advance(self, done: int) -> None:
        self.done += done


def read_all(path: Path, told: Silent) -> bytes:
    with opened(path, progress=told) as source:
        return b"".join(iter(lambda: source.read(7), b""))


@pytest.mark.parametrize("packed", [False, True])
def test_bytes_are_read_and_told_as_they_lie_on_the_disk(tmp_path: Path, packed: bool) -> None:
    data = b"the 0.5 1\n" * 500
    path = tmp_path / "vectors"
    path.write_bytes(gzip.compress(data) if packed else data)
    told = Told()
    assert read_all(path, told) == data
    assert told.totals == [told.done] == [path.stat().st_size]


def test_the_beginning_can_be_seen_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(b"the 0.5")
    with opened(path, progress=Silent()) as source:
        assert source.peek(3) == b"the"
        assert source.read(2) == b"the"
        assert source.read(4) == b" 0.5"
        assert source.read(9) == b""


def test_what_was_seen_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(b"1 2\nthe 0.5")
    with opened(path, progress=Silent()) as source:
        source.peek(6)
        source.drop(4)
        assert source.read(9) == b"th"
        assert source.read(9) == b"e 0.5"


def test_packed_parts_one_behind_the_other_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(gzip.compress(b"the 1\n") + gzip.compress(b"of 2\n"))
    assert read_all(path, Silent()) == b"the 1\nof 2\n"


@pytest.mark.parametrize("harm", [lambda data: data[:-9], lambda data: data[:30] + b"?" * 40])
def test_damaged_packed_data_is_an_error(tmp_path: Path, harm) -> None:  # noqa: ANN001
    path = tmp_path / "vectors"
    data = bytes(range(256)) * 9
    path.write_bytes(harm(gzip.compress(data)))
    with pytest.raises(DataError, match="cannot be unpacked"):
        read_all(path, Silent())


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        read_all(tmp_path, Silent())
    with pytest.raises(DataError, match=r"There is no file .*missing"):
        read_all(tmp_path / "missing", Silent())


def test_a_disk_that_refuses_is_an_error_of_storage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(b"the 1\n")

    def refuse(*options: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with opened(path, progress=Silent()) as source:
        monkeypatch.setattr(source, "_file", SimpleNamespace(read=refuse))
        with pytest.raises(StorageError, match="vectors cannot be read: Input/output error"):
            source.read(9)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StorageError, match="cannot be read"):
        read_all(path, Silent())
    assert "Check the file" in unreadable("vectors", OSError("gone")).remedy
