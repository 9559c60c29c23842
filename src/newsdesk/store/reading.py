"""Reading a sealed folder, consistently even while it is being replaced."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from newsdesk.errors import BundleFormatError, BundleIntegrityError, StorageError
from newsdesk.store.current import resolve
from newsdesk.store.identity import identity
from newsdesk.store.publishing import leftovers
from newsdesk.store.sealing import INTACT, Manifest, verify

__all__ = ["read"]

T = TypeVar("T")

_ATTEMPTS = 20


def read(
    directory: Path,
    load: Callable[[Path, Manifest, str], T],
    *,
    expect_digest: str | None = None,
) -> T:
    """Verify a sealed folder, then load it; consistent even while it is being replaced.

    Parameters
    ----------
    directory : Path
        The folder, or a home: then that of the version which it serves.
    load : Callable[[Path, Manifest, str], T]
        Reads the files; gets the folder, the manifest and the digest.
    expect_digest : str | None
        See `verify`.

    Returns
    -------
    T
        What `load` gives.

    Raises
    ------
    BundleFormatError
        See `verify`.
    BundleIntegrityError
        See `verify`.
    StorageError
        If a file cannot be read.
    """
    directory = Path(directory)
    for attempt in range(_ATTEMPTS):
        before = identity(directory)
        try:
            place, named = resolve(directory)
            manifest, digest = verify(place, expect_digest=expect_digest)
            if named not in (None, digest):
                problem = f"{place} has digest {digest}, its name is another."
                raise BundleIntegrityError(problem, remedy=INTACT)
            value = load(place, manifest, digest)
        except (BundleFormatError, BundleIntegrityError, OSError) as error:
            # A publisher may have exchanged the folder under our hands: then look again.
            if attempt + 1 < _ATTEMPTS and (
                identity(directory) != before or _being_replaced(directory)
            ):
                time.sleep(0.01)
                continue
            if isinstance(error, OSError):
                problem = f"Cannot read {error.filename or directory}: {error.strerror or error}."
                raise StorageError(problem, remedy="Check the path and its rights.") from error
            raise
        if identity(directory) == before:
            return value
    problem = f"{directory} is replaced faster than it can be read."
    raise StorageError(problem, remedy="Try again when the publisher is done.")


def _being_replaced(directory: Path) -> bool:
    return not directory.exists() and bool(leftovers(directory))
