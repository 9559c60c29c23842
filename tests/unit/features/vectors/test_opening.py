from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from newsdesk.errors import DataError, StorageError
from newsdesk.features.vectors import conversion, open_vectors, opening
from newsdesk.features.vectors.conversion import convert
from newsdesk.features.vectors.entry import MATRIX
from newsdesk.types import Progress


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_text("the 0.5 1\nof -2 3\n", encoding="utf-8")
    return path


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that files are converted into."""
    seen: list[Path] = []

    def counted(path: Path, folder: Path, *, progress: Progress) -> None:
        seen.append(folder)
        convert(path, folder, progress=progress)

    monkeypatch.setattr(conversion, "convert", counted)
    return seen


def test_a_file_is_read_once(file: Path, tmp_path: Path, conversions: list[Path]) -> None:
    for _ in range(3):
        vectors = open_vectors(file, cache=tmp_path / "cache")
        assert vectors.take(vectors.find(["of", "the"])).tolist() == [[-2, 3], [0.5, 1]]
    assert len(conversions) == 1


def test_a_changed_file_is_read_anew(file: Path, tmp_path: Path, conversions: list[Path]) -> None:
    old = open_vectors(file, cache=tmp_path / "cache")
    file.write_text("the 9 9\nof -2 3\n", encoding="utf-8")
    new = open_vectors(file, cache=tmp_path / "cache")
    assert new.take(new.find(["the"])).tolist() == [[9, 9]]
    assert old.take(old.find(["the"])).tolist() == [[0.5, 1]]
    assert len(conversions) == 2


def test_the_cache_is_the_user_s_unless_said_otherwise(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "mine"))
    open_vectors(str(file))
    (entry,) = (path for path in (tmp_path / "mine" / "vectors").iterdir() if path.is_dir())
    assert entry.name.startswith("vectors.txt-")


def test_a_spoilt_entry_is_made_anew(file: Path, tmp_path: Path, conversions: list[Path]) -> None:
    open_vectors(file, cache=tmp_path / "cache")
    (matrix,) = (tmp_path / "cache").glob(f"*/{MATRIX}")
    matrix.write_bytes(b"")
    vectors = open_vectors(file, cache=tmp_path / "cache")
    assert vectors.take(np.array([1])).tolist() == [[-2, 3]]
    assert len(conversions) == 2


def test_a_bad_file_leaves_no_entry(file: Path, tmp_path: Path) -> None:
    file.write_text("the 1 2\nof 1\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 2"):
        open_vectors(file, cache=tmp_path / "cache")
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_a_file_that_changes_while_it_is_read_is_an_error(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(path: Path, folder: Path, *, progress: Progress) -> None:
        convert(path, folder, progress=progress)
        os.utime(path, ns=(0, 1))

    monkeypatch.setattr(conversion, "convert", overtaken)
    with pytest.raises(DataError, match="has changed while it was read"):
        open_vectors(file, cache=tmp_path / "cache")


def test_what_is_converted_already_needs_no_writing(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_vectors(file, cache=tmp_path / "cache")

    def refuse(entry: Path) -> None:
        raise StorageError("Read-only.", remedy="None.")

    monkeypatch.setattr(opening, "alone", refuse)
    assert open_vectors(file, cache=tmp_path / "cache").n == 2


def test_to_name_what_there_is_loads_no_compiler() -> None:
    code = """
import sys
import newsdesk.features.vectors
assert "numba" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
