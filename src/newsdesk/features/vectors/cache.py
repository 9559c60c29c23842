"""Where converted vector files are kept, and how one appears there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from newsdesk.errors import StorageError
from newsdesk.features.vectors.entry import FORMAT
from newsdesk.features.vectors.source import check_is_file, unreadable

__all__ = ["ENVIRONMENT", "alone", "cache_folder", "entry_name", "published"]

ENVIRONMENT = "NEWSDESK_CACHE"
"""Environment variable that names the folder of what can be made anew."""

_ENDS_BYTES = 64 << 10
_REMEDY = f"Set {ENVIRONMENT} to a folder that can be written and has room."


def cache_folder() -> Path:
    """Find the folder of converted vector files.

    Returns
    -------
    Path
        ``vectors`` in the folder that ``NEWSDESK_CACHE`` names, else in the user's cache
        (``XDG_CACHE_HOME``, by default ``~/.cache``). It need not exist.

    Raises
    ------
    StorageError
        If the user has no home.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named, "vectors")
    caches = os.environ.get("XDG_CACHE_HOME")
    try:
        return Path(caches or Path.home() / ".cache", "newsdesk", "vectors")
    except RuntimeError as error:
        raise StorageError("The user has no home folder.", remedy=_REMEDY) from error


def entry_name(path: Path) -> str:
    """Name the entry of a vector file, another one whenever the file changes.

    It depends on the file's place, size, time of change and first and last 64 KiB. A digest of
    everything would be safer still, but reading 5 GB takes longer than opening may.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    str
        Begins with the file's name, in ASCII.

    Raises
    ------
    DataError
        If there is no such file.
    StorageError
        If it cannot be read.
    """
    check_is_file(path)
    digest = hashlib.sha256(os.fsencode(path.resolve()))
    try:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            digest.update(f"\0{FORMAT} {facts.st_size} {facts.st_mtime_ns}\0".encode())
            digest.update(file.read(_ENDS_BYTES))
            file.seek(max(0, facts.st_size - _ENDS_BYTES))
            digest.update(file.read(_ENDS_BYTES))
    except OSError as error:
        raise unreadable(str(path), error) from error
    shown = re.sub(r"[^A-Za-z0-9._-]", "_", path.name).lstrip(".")[:40]
    return f"{shown}-{digest.hexdigest()[:24]}"


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
    with _translated(entry.parent):
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
        with _translated(entry.parent):
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
def _translated(folder: Path) -> Iterator[None]:
    """Turn the system's refusals into errors that say what to do."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        problem = f"The cache of word vectors, {folder}, cannot be written: {reason}."
        raise StorageError(problem, remedy=_REMEDY) from error
