"""Telling whether a folder is still the one that was looked at before."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["identity"]


def identity(directory: Path | int) -> tuple[int, int, int] | None:
    """Device, inode and time of a folder.

    Parameters
    ----------
    directory : Path | int
        A path, or the handle of an open folder.

    Returns
    -------
    tuple[int, int, int] | None
        Equal while nobody exchanges or changes the folder; None if there is none.
    """
    try:
        facts = os.stat(directory)  # noqa: PTH116  a handle has no Path
    except OSError:
        return None
    # The time tells a folder from a later one that was given the same inode number.
    return facts.st_dev, facts.st_ino, facts.st_mtime_ns
