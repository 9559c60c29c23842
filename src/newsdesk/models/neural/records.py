"""Files that only ever grow: what is kept of texts, and a record a text that says where.

What is kept is written before its records. After a crash at any moment, what has no record and
records of what was not kept are cut off by whoever writes next.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.caching import cache_folder
from newsdesk.types import Bools, Indices

__all__ = ["append", "entry", "grown", "latest", "size_of"]


def entry(kind: str, *parts: object) -> Path:
    """Find the folder of an entry of the cache.

    Parameters
    ----------
    kind : str
        Of the cache.
    *parts : object
        All that the entry depends on, beside the texts.

    Returns
    -------
    Path
        It need not exist.

    Raises
    ------
    StorageError
        If the user has no home.
    """
    return cache_folder(kind) / hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def latest(records: NDArray[np.void], keys: NDArray[np.void]) -> tuple[Indices, Bools]:
    """Find the last record of each text: an earlier one may be damaged.

    Parameters
    ----------
    records : NDArray[np.void]
        At least one, with the fields ``high`` and ``low``.
    keys : NDArray[np.void]
        Digests of n texts, with the same fields.

    Returns
    -------
    tuple[Indices, Bools]
        Place of each text's record, shape ``(n,)``, undefined where there is none; and whether
        there is one.
    """
    order = np.argsort(records["high"], kind="stable")
    at = np.searchsorted(records["high"][order], keys["high"], side="right") - 1
    place: Indices = order[np.maximum(at, 0)]
    found = records[place]
    same: Any = (at >= 0) & (found["high"] == keys["high"]) & (found["low"] == keys["low"])
    return place, same


def grown(path: Path) -> BinaryIO:
    """Open a file to be added to.

    Parameters
    ----------
    path : Path
        The file; it need not exist.

    Returns
    -------
    BinaryIO
        To be closed by the caller.
    """
    path.touch()
    return path.open("rb+")


def size_of(file: BinaryIO) -> int:
    """How many bytes a file has.

    Parameters
    ----------
    file : BinaryIO
        An open file.

    Returns
    -------
    int
        Bytes.
    """
    return os.fstat(file.fileno()).st_size


def append(file: BinaryIO, end: int, content: bytes) -> None:
    """Write behind what is whole, and wait until it is on the disk.

    Parameters
    ----------
    file : BinaryIO
        From `grown`.
    end : int
        Where what is whole ends; the rest is cut off.
    content : bytes
        What is added.
    """
    file.truncate(end)
    file.seek(end)
    file.write(content)
    file.flush()
    os.fsync(file.fileno())
