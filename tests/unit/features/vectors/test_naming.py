from __future__ import annotations

import os
from pathlib import Path

import pytest

from newsdesk.errors import DataError
from newsdesk.features.vectors.naming import entry_name


def test_an_entry_has_another_name_whenever_its_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "glöve 6B.txt"
    path.write_bytes(b"the 1\n")
    os.utime(path, ns=(0, 5))
    name = entry_name(path)
    assert name == entry_name(path)
    assert name.startswith("gl_ve_6B.txt-")
    os.utime(path, ns=(0, 6))
    later = entry_name(path)
    path.write_bytes(b"the 2\n")
    os.utime(path, ns=(0, 6))
    other_begin = entry_name(path)
    path.write_bytes(b"the 2\n" + b"x" * 200_000)
    os.utime(path, ns=(0, 6))
    longer = entry_name(path)
    path.write_bytes(b"the 2\n" + b"x" * 199_999 + b"y")
    os.utime(path, ns=(0, 6))
    other_end = entry_name(path)
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    os.utime(copy, ns=(0, 6))
    names = {name, later, other_begin, longer, other_end, entry_name(copy)}
    assert len(names) == 6


def test_a_link_and_its_file_are_one_entry(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(b"the 1\n")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "vectors").symlink_to(path)
    assert entry_name(tmp_path / "link" / "vectors") == entry_name(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        entry_name(tmp_path)
    with pytest.raises(DataError, match="There is no file"):
        entry_name(tmp_path / "missing")
