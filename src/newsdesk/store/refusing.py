"""What the disk refuses, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsdesk.errors import BundleExistsError, StorageError

__all__ = ["writing"]


@contextmanager
def writing(path: Path, *, remedy: str) -> Iterator[None]:
    """Turn refusals of the disk into words while something is written.

    Parameters
    ----------
    path : Path
        What is written.
    remedy : str
        What to do.

    Yields
    ------
    None
        While it is.

    Raises
    ------
    StorageError
        If the disk refuses; our own errors pass as they are.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, StorageError | BundleExistsError):
            raise
        problem = f"{path} cannot be written: {error.strerror or error}."
        raise StorageError(problem, remedy=remedy) from error
