from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from newsdesk.errors import DataError, StorageError
from newsdesk.models.neural.encoders import foreign
from newsdesk.models.neural.encoders.foreign import content_of, decoded, is_plain, needed


class Shape(msgspec.Struct):
    size: int


def test_a_file_is_decoded_and_unknown_keys_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    assert decoded(path, Shape) is None
    path.write_text('{"size": 3, "other": [1]}', encoding="utf-8")
    assert decoded(path, Shape) == needed(path, Shape) == Shape(3)


def test_a_file_that_has_to_be_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file .*config\.json"):
        needed(tmp_path / "config.json", Shape)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"size": "x"}', b"[" * 100_000])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"config\.json is damaged"):
        decoded(path, Shape)


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"size": 3}', encoding="utf-8")
    monkeypatch.setattr(foreign, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="has 11 bytes"):
        decoded(path, Shape)


def test_what_the_system_refuses_to_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        content_of(tmp_path)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "/a", "a\\b", "C:a", "a\0"])
def test_a_name_that_leads_elsewhere_is_not_plain(name: str) -> None:
    assert not is_plain(name)
