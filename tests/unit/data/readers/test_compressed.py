from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from newsdesk.data.readers import compressed
from newsdesk.data.readers.compressed import Allowance, gunzip
from newsdesk.errors import DataError
from newsdesk.types import Silent

TEXT = b"headline,label\nRates rise,A\n" * 2000


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "news.csv.gz"
    path.write_bytes(content)
    return path


def test_members_one_after_another_are_one_text(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT) + gzip.compress(b"") + gzip.compress(b"last,B\n") + bytes(600)
    assert gunzip(_file(tmp_path, packed), progress=Silent()) == TEXT + b"last,B\n"


def test_very_many_small_members_are_read(tmp_path: Path) -> None:
    packed = gzip.compress(b"x") * 3000
    assert gunzip(_file(tmp_path, packed), progress=Silent()) == b"x" * 3000


def test_progress_is_told_of_the_packed_bytes(tmp_path: Path, progress: Any) -> None:
    path = _file(tmp_path, gzip.compress(TEXT))
    gunzip(path, progress=progress)
    assert progress.tasks == {"unpacking news.csv.gz": [path.stat().st_size] * 2}


def test_what_comes_out_is_counted_not_what_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    allowance = Allowance("x", 10)
    allowance.spend(10, 1)
    with pytest.raises(DataError, match="more than the 10 bytes"):
        allowance.spend(1, 1)
    monkeypatch.setattr(compressed, "FREE_BYTES", 100)
    allowance = Allowance("x", 10_000)
    allowance.spend(200, 1)
    with pytest.raises(DataError, match="more than 200 times its 1 bytes"):
        allowance.spend(1, 1)
