from __future__ import annotations

import os
import shutil
from pathlib import Path

from newsdesk.store.identity import identity


def test_a_folder_is_itself_by_path_and_by_handle(tmp_path: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        assert identity(tmp_path) == identity(handle) is not None
    finally:
        os.close(handle)


def test_a_folder_made_again_is_another(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    before = identity(folder)
    shutil.rmtree(folder)
    assert identity(folder) is None
    folder.mkdir()
    assert identity(folder) != before
