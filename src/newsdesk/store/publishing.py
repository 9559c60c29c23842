"""Publishing a folder at once or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from newsdesk.errors import BundleExistsError, StorageError
from newsdesk.store.identity import identity
from newsdesk.store.locking import try_lock
from newsdesk.store.sealing import MANIFEST

__all__ = ["leftovers", "probe", "staged", "sync"]


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn the system's refusals into errors that say what to do."""
    try:
        yield
    except OSError as error:
        if isinstance(error, StorageError | BundleExistsError):
            raise
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            written = sum(item.stat().st_size for item in path.rglob("*") if item.is_file())
            free = shutil.disk_usage(_existing(path)).free
            problem = (
                f"The disk is full: {path.parent} needs more than the {written:,} bytes "
                f"written so far, and {free:,} bytes are free."
            )
            raise StorageError(problem, remedy="Free some space, then run again.") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            problem = f"Cannot write to {path.parent}: {error.strerror}."
            raise StorageError(problem, remedy="Choose another --out folder.") from error
        problem = f"Writing {path.parent} failed: {error}."
        raise StorageError(problem, remedy="Check the disk, then run again.") from error


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def probe(directory: Path, *, replace: bool = False, marker: str = MANIFEST) -> None:
    """Fail now rather than after training: check that a folder can be published here.

    Parameters
    ----------
    directory : Path
        Where `staged` will publish.
    replace : bool
        As `staged` will be told.
    marker : str
        As `staged` will be told.

    Raises
    ------
    BundleExistsError
        If something stands there that may not be replaced.
    StorageError
        If the place is read-only, full or not a folder.
    """
    directory = Path(directory)
    trial = _temporary(directory)
    with _translated(trial):
        _refuse_occupied(directory, replace=replace, marker=marker)
        directory.parent.mkdir(parents=True, exist_ok=True)
        trial.mkdir()
        try:
            with (trial / "probe").open("wb") as file:
                file.write(b"\0" * 4096)
                file.flush()
                os.fsync(file.fileno())
        finally:
            shutil.rmtree(trial, ignore_errors=True)


@contextlib.contextmanager
def staged(directory: Path, *, replace: bool = False, marker: str = MANIFEST) -> Iterator[Path]:
    """Write a folder beside its final place and publish it when the block ends well.

    Readers see no folder, the old one or the new one, never half of one; after a crash what is
    left is a hidden sibling, which the next publication removes.

    Parameters
    ----------
    directory : Path
        The final place.
    replace : bool
        Whether a folder that stands there is exchanged for the new one.
    marker : str
        A file that such a folder must hold, so that a mistyped path does not cost anybody's files.

    Yields
    ------
    Path
        The folder to write into.

    Raises
    ------
    BundleExistsError
        If something stands there that may not be replaced.
    StorageError
        If the disk refuses.
    """
    directory = Path(directory)
    with _translated(directory / MANIFEST):
        _refuse_occupied(directory, replace=replace, marker=marker)
        directory.parent.mkdir(parents=True, exist_ok=True)
        _sweep(directory)
        temporary, lock = _reserve(directory)
    try:
        with _translated(temporary):
            yield temporary
            for path in [*temporary.rglob("*"), temporary]:
                sync(path)
            _publish(temporary, directory, replace=replace)
            sync(directory.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        os.close(lock)


def _temporary(directory: Path) -> Path:
    return directory.parent / f".{directory.name}.tmp-{uuid.uuid4().hex}"


def _refuse_occupied(directory: Path, *, replace: bool, marker: str) -> None:
    if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
        return
    if not replace:
        raise _exists(directory)
    if not (directory / marker).is_file():
        problem = f"{directory} has no {marker}, so it was not written by newsdesk."
        raise BundleExistsError(problem, remedy="Choose another folder, or remove it by hand.")


def leftovers(directory: Path) -> list[Path]:
    """Folders that are being published, or that a killed publisher left.

    Parameters
    ----------
    directory : Path
        The final place.

    Returns
    -------
    list[Path]
        Hidden siblings.
    """
    return list(directory.parent.glob(f".{directory.name}.tmp-*"))


def _exists(directory: Path) -> BundleExistsError:
    remedy = "Choose another name, or ask for it to be replaced (--overwrite)."
    return BundleExistsError(f"{directory} exists already.", remedy=remedy)


def _publish(temporary: Path, directory: Path, *, replace: bool) -> None:
    try:
        # Succeeds where nothing, or an empty folder, stands: of two publishers one wins.
        temporary.rename(directory)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise
        if not replace:
            raise _exists(directory) from error
        _exchange(temporary, directory)


def _exchange(temporary: Path, directory: Path) -> None:
    """Swap two folders in one step where the system can, else in two."""
    at_cwd, exchange = -100, 2  # linux/fcntl.h, linux/fs.h
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        names = os.fsencode(temporary), os.fsencode(directory)
        if libc.renameat2(at_cwd, names[0], at_cwd, names[1], exchange) == 0:
            return
    except (OSError, AttributeError):
        pass  # another system: the two steps below leave a moment without a folder
    aside = _temporary(directory)
    directory.rename(aside)
    try:
        temporary.rename(directory)
    except OSError:
        aside.rename(directory)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk.

    Parameters
    ----------
    path : Path
        A file or folder.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reserve(directory: Path) -> tuple[Path, int]:
    """Make a temporary folder that no sweep removes, and the handle of its lock."""
    while True:
        temporary = _temporary(directory)
        temporary.mkdir()
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(temporary, os.O_RDONLY)
            # A sweep may catch the folder between its making and its locking: then make another.
            if try_lock(lock) is not False and identity(temporary) == identity(lock):
                return temporary, lock
            os.close(lock)


def _sweep(directory: Path) -> None:
    """Remove what killed publishers of the same folder left; living ones hold a lock.

    Without locks no orphan is ever removed.
    """
    for orphan in leftovers(directory):
        try:
            handle = os.open(orphan, os.O_RDONLY)
        except OSError:
            continue  # gone meanwhile
        try:
            if try_lock(handle):
                shutil.rmtree(orphan, ignore_errors=True)
        finally:
            os.close(handle)
