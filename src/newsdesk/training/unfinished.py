"""Where the state of unfinished trainings stands until their run folder is published."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsdesk import store
from newsdesk.errors import StorageError

__all__ = ["unfinished"]


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """Keep a hidden folder beside a run folder, and remove it when the run has come to its end.

    Parameters
    ----------
    out : Path
        The run folder, which need not exist.

    Yields
    ------
    Path
        The folder; it may hold what an interrupted run has left.

    Raises
    ------
    StorageError
        If another process is training for the same run folder, or the folder cannot be made.
    """
    home = out.parent / f".{out.name}.unfinished"
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = os.open(home, os.O_RDONLY)
    except OSError as error:
        problem = f"{home} cannot be made: {error.strerror or error}."
        raise StorageError(problem, remedy="Choose another folder (--out).") from error
    try:
        store.refuse_shared(lock, f"training for {out}")
        try:
            yield home
            shutil.rmtree(home, ignore_errors=True)
        finally:
            if home.is_dir() and not any(home.iterdir()):
                home.rmdir()
    finally:
        os.close(lock)
