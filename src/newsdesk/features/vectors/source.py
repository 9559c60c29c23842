"""The bytes of a vector file, packed by gzip or not."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from newsdesk.errors import DataError, StorageError
from newsdesk.types import Progress

__all__ = ["Source", "check_is_file", "opened", "unreadable"]

_GZIP = b"\x1f\x8b"


class Source:
    """A vector file that is read once, from its beginning.

    Parameters
    ----------
    path : Path
        The file.
    raw : IO[bytes]
        Its bytes as they lie on the disk.
    advance : Callable[[int], None]
        Told of the bytes read from the disk.
    """

    def __init__(self, path: Path, raw: IO[bytes], advance: Callable[[int], None]) -> None:
        self.name = str(path)
        self._raw = raw
        self._advance = advance
        self._told = 0
        self._kept = b""
        packed = raw.read(len(_GZIP)) == _GZIP
        raw.seek(0)
        self._file: IO[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]

    def peek(self, n_bytes: int) -> bytes:
        """Give the first bytes, which the next `read` gives again.

        Parameters
        ----------
        n_bytes : int
            How many.

        Returns
        -------
        bytes
            Fewer where the file ends.
        """
        self._kept = self.read(n_bytes)
        return self._kept

    def drop(self, n_bytes: int) -> None:
        """Leave out bytes that `peek` has shown.

        Parameters
        ----------
        n_bytes : int
            How many.
        """
        self._kept = self._kept[n_bytes:]

    def read(self, n_bytes: int) -> bytes:
        """Give the next bytes.

        Parameters
        ----------
        n_bytes : int
            How many, except behind `peek`.

        Returns
        -------
        bytes
            Fewer where the file ends, none at its end.

        Raises
        ------
        DataError
            If packed data is damaged or cut short.
        StorageError
            If the disk refuses.
        """
        if self._kept:
            kept, self._kept = self._kept, b""
            return kept
        try:
            data = self._file.read(n_bytes)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            problem = f"{self.name} cannot be unpacked as gzip: {str(error).rstrip('.')}."
            raise DataError(problem, remedy="Fetch the file again.") from error
        except OSError as error:
            raise unreadable(self.name, error) from error
        place = self._raw.tell()
        self._advance(place - self._told)
        self._told = place
        return data


@contextmanager
def opened(path: Path, *, progress: Progress) -> Iterator[Source]:
    """Open a vector file.

    Parameters
    ----------
    path : Path
        The file.
    progress : Progress
        Told of the bytes read from the disk.

    Yields
    ------
    Source
        Its bytes.

    Raises
    ------
    DataError
        If there is no such file.
    StorageError
        If it cannot be read.
    """
    check_is_file(path)
    try:
        raw = path.open("rb")
    except OSError as error:
        raise unreadable(str(path), error) from error
    size = path.stat().st_size
    with raw, progress.task(f"reading {path.name}", size, "bytes") as advance:
        yield Source(path, raw, advance)


def check_is_file(path: Path) -> None:
    """Refuse what is no file.

    Parameters
    ----------
    path : Path
        Where a vector file is said to be.

    Raises
    ------
    DataError
        If there is none.
    """
    if not path.is_file():
        problem = f"{path} is a folder." if path.is_dir() else f"There is no file {path}."
        raise DataError(problem, remedy="Name a file of word vectors.")


def unreadable(name: str, error: OSError) -> StorageError:
    """Translate the system's refusal to read.

    Parameters
    ----------
    name : str
        The file.
    error : OSError
        What the system says.

    Returns
    -------
    StorageError
        The same in our words.
    """
    problem = f"{name} cannot be read: {error.strerror or error}."
    return StorageError(problem, remedy="Check the file and its permissions.")
