from __future__ import annotations

import unicodedata
import zipfile
from pathlib import Path

from newsdesk.data.readers.archives import open_archive


def _zip(path: Path, files: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def _read(path: Path) -> dict[str, bytes]:
    with open_archive(path) as archive:
        return {member.path: archive.read(member) for member in archive.members}


def test_members_are_read_and_folders_are_none(tmp_path: Path) -> None:
    files = {"a/": "", "a/1.txt": "x" * 1000, "a/empty": "", "经济.txt": "“”"}
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        path = _zip(tmp_path / f"{method}.zip", files, method)
        read = {name: content.decode() for name, content in _read(path).items()}
        assert read == {name: text for name, text in files.items() if not name.endswith("/")}


def test_an_archive_may_be_empty_or_have_a_comment_or_other_bytes_before_it(
    tmp_path: Path,
) -> None:
    assert _read(_zip(tmp_path / "empty.zip", {})) == {}
    path = _zip(tmp_path / "news.zip", {"a.csv": "a,b\n"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"made by hand"
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert _read(path) == {"a.csv": b"a,b\n"}


def test_names_in_utf8_without_the_flag_are_understood(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "Économie/1.txt")
    path = _zip(tmp_path / "mac.zip", {"X" * len(name.encode()): "a"})
    data = path.read_bytes().replace(b"X" * len(name.encode()), name.encode())
    path.write_bytes(data)
    assert list(_read(path)) == [name]


def test_long_archives_have_their_number_of_entries_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(66_000):
            archive.writestr(zipfile.ZipInfo(f"{n}"), b"")
    with open_archive(path) as opened:
        assert len(opened.members) == 66_000
