"""A file that other programs may delete, replace or overwrite while it is in use."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Lock

__all__ = ["Watch"]

_MAGIC = b"SQLite format 3\0"
"""The first bytes of a SQLite file (sqlite.org/fileformat.html, section 1.3)."""

Identity = tuple[int, int]

# Closing any descriptor of a file drops every lock that this process has on it, those of open
# connections too (POSIX; sqlite.org/howtocorrupt.html, section 2.2). So each file is opened once
# for all watches of this process, and closed with the last.
_held: dict[Identity, tuple[int, int]] = {}
_lock = Lock()


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


class Watch:
    """Knows a file again.

    A file that was deleted can still be written to, and what is written is lost with it.

    Parameters
    ----------
    path : Path
        The file, which exists.

    Raises
    ------
    OSError
        If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _lock:
            identity = _identity(path.stat())
            if identity not in _held:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                identity = _identity(os.fstat(descriptor))
                _held.setdefault(identity, (descriptor, 0))
            descriptor, count = _held[identity]
            _held[identity] = descriptor, count + 1
        self._identity, self._descriptor = identity, descriptor
        self._wal: int | None = None
        self._follow_wal()

    def trouble(self) -> str | None:
        """Say what has happened to the file.

        Returns
        -------
        str | None
            What is wrong, in a few words; None if it is the file that it was.
        """
        try:
            status = self._path.stat()
        except OSError as error:
            return f"the file is gone ({error.strerror})"
        if _identity(status) != self._identity:
            return "another file has taken its place"
        header = os.pread(self._descriptor, len(_MAGIC), 0)
        if header and header != _MAGIC:  # nothing has been written to a new file yet
            return "the file is damaged: it does not begin as a SQLite database does"
        self._follow_wal()
        return None

    def release(self) -> None:
        """Let go of the file.

        What was left in the write-ahead log of a file that has been replaced is removed: SQLite
        would take it for a part of the file that stands there now.
        """
        if self._wal is not None:
            if self.is_replaced and self._is_own_wal():
                for suffix in ("-wal", "-shm"):
                    self._beside(suffix).unlink(missing_ok=True)
            os.close(self._wal)
        with _lock:
            descriptor, count = _held[self._identity]
            if count > 1:
                _held[self._identity] = descriptor, count - 1
            else:
                del _held[self._identity]
                os.close(descriptor)

    @property
    def is_replaced(self) -> bool:
        """Whether another file stands in its place."""
        try:
            return _identity(self._path.stat()) != self._identity
        except OSError:
            return False

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)

    def _is_own_wal(self) -> bool:
        try:
            found = _identity(self._beside("-wal").stat())
        except OSError:
            return False
        return self._wal is not None and _identity(os.fstat(self._wal)) == found

    def _follow_wal(self) -> None:
        """Keep the log open, so that no later one can get its number; SQLite locks others."""
        if self._is_own_wal():
            return
        if self._wal is not None:
            os.close(self._wal)
            self._wal = None
        with suppress(OSError):
            self._wal = os.open(self._beside("-wal"), os.O_RDONLY | os.O_CLOEXEC)
