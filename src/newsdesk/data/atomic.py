"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from newsdesk.errors import StorageError

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Lend a temporary path beside ``path``; on success it takes the name ``path`` at once.

    Parameters
    ----------
    path : Path
        The file to write; its folder is made when it does not exist.

    Yields
    ------
    Path
        Where to write. It is removed when the block fails.

    Raises
    ------
    StorageError
        If the disk refuses: full, read-only or not writable.
    """
    temporary = path.with_name(f".{path.name}.tmp-{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as written:
            # The name must not become visible before the bytes are on the disk.
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        problem = f"{path} cannot be written: {reason}."
        remedy = "Free space or choose a folder that can be written, then run again."
        raise StorageError(problem, remedy=remedy) from error
    finally:
        with suppress(OSError):  # its folder may not exist
            temporary.unlink(missing_ok=True)
