"""The folder of what can be made anew, and how an entry appears there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from newsdesk.errors import StorageError

__all__ = ["ENVIRONMENT", "alone", "cache_folder", "published", "translated"]

ENVIRONMENT = "NEWSDESK_CACHE"
"""Environment variable that names the folder of what can be made anew."""

_REMEDY = f"Set {ENVIRONMENT} to a folder that can be written and has room."


def cache_folder(kind: str) -> Path:
    """Find the folder of one kind of entries.

    Parameters
    ----------
    kind : str
        Its name, such as ``vectors``.

    Returns
    -------
    Path
        The folder of that name in the one that ``NEWSDESK_CACHE`` names, else in the user's cache
        (``XDG_CACHE_HOME``, by default ``~/.cache``). It need not exist.

    Raises
    ------
    StorageError
        If the user has no home.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named, kind)
    caches = os.environ.get("XDG_CACHE_HOME")
    try:
        return Path(caches or Path.home() / ".cache", "newsdesk", kind)
    except RuntimeError as error:
        raise StorageError("The user has no home folder.", remedy=_REMEDY) from error


@contextlib.contextmanager
def alone(entry: Path) -> Iterator[None]:
    """Wait until no other process makes an entry, and keep others waiting.

    What killed processes have left of the same entry is removed. Where the system has no locks,
    nobody waits and nothing is removed.

    Parameters
    ----------
    entry : Path
        Its place.

    Yields
    ------
    None
        While the others wait.

    Raises
    ------
    StorageError
        If the cache cannot be written.
    """
    with translated(entry.parent):
        entry.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(entry.with_name(f".{entry.name}.lock"), os.O_CREAT | os.O_RDWR, 0o666)
    try:
        if _lock(handle):
            for orphan in entry.parent.glob(f".{entry.name}.tmp-*"):
                shutil.rmtree(orphan, ignore_errors=True)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        import fcntl  # not on every system
    except ImportError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:  # a file system without locks
        return False
    return True


@contextlib.contextmanager
def published(entry: Path) -> Iterator[Path]:
    """Lend a folder that takes the place of an entry when the block ends well.

    Parameters
    ----------
    entry : Path
        Its place. A folder that stands there is not whole, and is removed.

    Yields
    ------
    Path
        The folder to write into. It is removed when the block fails.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    temporary = entry.with_name(f".{entry.name}.tmp-{uuid.uuid4().hex}")
    try:
        with translated(entry.parent):
            temporary.mkdir()
            yield temporary
            for file in temporary.iterdir():
                with file.open("rb+") as written:
                    # The name must not become visible before the bytes are on the disk.
                    os.fsync(written.fileno())
            shutil.rmtree(entry, ignore_errors=True)
            try:
                temporary.rename(entry)
            except OSError as error:
                # Without locks another process may have been quicker.
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turn the system's refusals into errors that say what to do.

    Parameters
    ----------
    folder : Path
        The folder that is written.

    Yields
    ------
    None
        While it is written.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        problem = f"The cache {folder} cannot be written: {reason}."
        raise StorageError(problem, remedy=_REMEDY) from error
