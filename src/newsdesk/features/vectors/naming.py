"""The names of converted vector files in the cache."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from newsdesk.features.vectors.entry import FORMAT
from newsdesk.features.vectors.source import check_is_file, unreadable

__all__ = ["entry_name"]

_ENDS_BYTES = 64 << 10


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
