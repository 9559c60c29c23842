"""JSON files of encoders: someone else wrote them, so nothing in them is taken on trust."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from newsdesk.errors import DataError
from newsdesk.features.vectors.source import unreadable

__all__ = ["REMEDY", "content_of", "decoded", "is_plain", "needed"]

T = TypeVar("T")

MAX_BYTES = 1 << 26
REMEDY = "Fetch an intact copy of the encoder, or name another."


def is_plain(name: str) -> bool:
    """Tell whether a name from a file stays within the folder of the file.

    Parameters
    ----------
    name : str
        The name.

    Returns
    -------
    bool
        Whether it is a bare file name.

    Examples
    --------
    >>> is_plain("1_Pooling"), is_plain("../1_Pooling"), is_plain("/etc/passwd"), is_plain("..")
    (True, False, False, False)
    """
    return name not in ("", ".", "..") and not set(name) & set("/\\:\0")


def content_of(path: Path) -> bytes:
    """Read a JSON file that someone else wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    DataError
        If it is too large.
    StorageError
        If it cannot be read.
    """
    try:
        size = path.stat().st_size
        if size <= MAX_BYTES:
            return path.read_bytes()
    except OSError as error:
        raise unreadable(str(path), error) from error
    problem = f"{path} has {size:,} bytes, more than such a file ever has."
    raise DataError(problem, remedy=REMEDY)


def needed(path: Path, cls: type[T]) -> T:
    """Decode a file that has to be there.

    Parameters
    ----------
    path : Path
        The file.
    cls : type[T]
        The type it must match; keys that it does not name are left out.

    Returns
    -------
    T
        The value.

    Raises
    ------
    DataError
        If the file is missing, too large or damaged.
    """
    found = decoded(path, cls)
    if found is None:
        raise DataError(f"There is no file {path}.", remedy=REMEDY)
    return found


def decoded(path: Path, cls: type[T]) -> T | None:
    """Decode a file.

    Parameters
    ----------
    path : Path
        The file.
    cls : type[T]
        The type it must match; keys that it does not name are left out.

    Returns
    -------
    T | None
        The value; None where there is no file.

    Raises
    ------
    DataError
        If the file is too large or damaged.
    """
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(content_of(path), type=cls)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = f"{path} is damaged: {str(error).rstrip('.')}."
        raise DataError(problem, remedy=REMEDY) from error
