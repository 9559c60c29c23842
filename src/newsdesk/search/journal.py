"""The journal of a search: every finished fit is on the disk before the next one is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from newsdesk.errors import BundleExistsError, DataError, StorageError
from newsdesk.search.question import Question

__all__ = ["JOURNAL", "Finished", "FoldScore", "Journal", "is_taken", "opened"]

JOURNAL = "search.jsonl"
"""The file by which the folder of a search is known."""
_FORMAT = 1

T = TypeVar("T")


@dataclass(frozen=True)
class FoldScore:
    """One fit: a setting on the rows outside of a fold, measured on the fold.

    Parameters
    ----------
    setting : int
        Number of the setting.
    fold : int
        Number of the fold.
    values : dict[str, Any]
        What the setting sets.
    macro_f1 : float | None
        Of the classes with the highest scores, in [0, 1]; None where the fit failed.
    accuracy : float | None
        Likewise.
    seconds : float
        Wall time since the fit before, or since the beginning.
    failed : str | None
        Why the fit failed.
    """

    setting: int
    fold: int
    values: dict[str, Any]
    macro_f1: float | None
    accuracy: float | None
    seconds: float
    failed: str | None = None


@dataclass(frozen=True)
class Finished:
    """The last line of a journal.

    Parameters
    ----------
    best : int
        Number of the best setting.
    bundle_digest : str | None
        Of the bundle that was trained with it.
    """

    best: int
    bundle_digest: str | None


@dataclass(frozen=True)
class _Header:
    newsdesk_search: int
    digest: str
    question: Question


@dataclass(frozen=True)
class _Line:
    """Any line but the first: one of the two."""

    fit: FoldScore | None = None
    finished: Finished | None = None


@dataclass(eq=False)
class Journal:
    """What a search has done, here and on the disk.

    Parameters
    ----------
    path : Path | None
        The file; None keeps the journal in memory alone.
    fits : list[FoldScore]
        Finished fits, in the order of their ends.
    finished : Finished | None
        Whether the search has come to its end.
    n_torn : int
        Bytes of a line that a killed process left half written, which were dropped.
    file : BinaryIO | None
        The open file, at its end.
    """

    path: Path | None = None
    fits: list[FoldScore] = field(default_factory=list)
    finished: Finished | None = None
    n_torn: int = 0
    file: BinaryIO | None = None

    def add(self, fit: FoldScore) -> None:
        """Note a fit; it is on the disk when this returns.

        Parameters
        ----------
        fit : FoldScore
            The fit.
        """
        self.write({"fit": fit})
        self.fits.append(fit)

    def finish(self, finished: Finished) -> None:
        """Note the end.

        Parameters
        ----------
        finished : Finished
            What came out.
        """
        self.write({"finished": finished})
        self.finished = finished

    def write(self, line: object) -> None:
        """Write a line through to the disk.

        Parameters
        ----------
        line : object
            What msgspec encodes.
        """
        if self.file is None or self.path is None:
            return
        with _translated(self.path):
            self.file.write(msgspec.json.encode(line) + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, StorageError | BundleExistsError):
            raise
        problem = f"{path} cannot be written: {error.strerror or error}."
        remedy = "Free space or choose another folder (--out), then run again."
        raise StorageError(problem, remedy=remedy) from error


@contextmanager
def opened(directory: Path, question: Question, *, fresh: bool = False) -> Iterator[Journal]:
    """Open the journal of a folder: a new one, or that of an unfinished search.

    Parameters
    ----------
    directory : Path
        The folder of the search; made if it does not exist.
    question : Question
        What is asked.
    fresh : bool
        Whether what stands in the journal is thrown away.

    Yields
    ------
    Journal
        With the fits that are done. No other process can open it meanwhile.

    Raises
    ------
    BundleExistsError
        If the folder holds anything but a search, a finished one, or one of another question.
    DataError
        If the journal is damaged, other than by a line that was cut off at its end.
    StorageError
        If another process is searching there, or the disk refuses.
    """
    path = directory / JOURNAL
    with _translated(path):
        if not path.exists() and directory.exists() and any(directory.iterdir()):
            problem = f"{directory} has no {JOURNAL}, so it was not written by a search."
            raise BundleExistsError(problem, remedy="Choose another folder (--out).")
        directory.mkdir(parents=True, exist_ok=True)
        file = path.open("ab+")
    with file:
        _lock(file, directory)
        with _translated(path):
            file.seek(0)
            content = file.read()
        _refuse_foreign(content, path)
        # A line without its end was being written when the process was killed.
        n_whole = 0 if fresh else content.rfind(b"\n") + 1
        journal = Journal(path, n_torn=0 if fresh else len(content) - n_whole, file=file)
        if n_whole:
            _fill(journal, path, content[:n_whole].splitlines(), question)
        with _translated(path):
            file.truncate(n_whole)
        if not n_whole:
            journal.write(_Header(_FORMAT, question.digest, question))
        yield journal


def is_taken(directory: Path) -> bool:
    """Tell whether no search can begin or go on in a folder.

    Parameters
    ----------
    directory : Path
        Any path.

    Returns
    -------
    bool
        Whether it holds something else, or a search that is finished.
    """
    if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
        return False
    try:
        *_, last = (directory / JOURNAL).read_bytes().splitlines() or [b""]
    except OSError:
        return True
    return last.startswith(b'{"finished":')


def _refuse_foreign(content: bytes, path: Path) -> None:
    magic = b'{"newsdesk_search":'
    if content[: len(magic)] != magic[: len(content)]:
        problem = f"{path} is no journal of a search."
        raise BundleExistsError(problem, remedy="Choose another folder (--out).")


def _fill(journal: Journal, path: Path, lines: list[bytes], question: Question) -> None:
    header = _read(_Header, lines[0], path, 1)
    asked = header.question
    if header.newsdesk_search != _FORMAT or header.digest != asked.digest:
        raise _damaged(path, 1, "it does not fit its own digest")
    if header.digest != question.digest:
        names = ", ".join(asked.differences(question))
        problem = f"{path.parent} holds a search that asks another question (other {names})."
        remedy = "Choose another folder (--out), or throw that search away (--overwrite)."
        raise BundleExistsError(problem, remedy=remedy)
    seen = set()
    for number, line in enumerate(lines[1:], start=2):
        found = _read(_Line, line, path, number)
        if journal.finished is not None or (found.fit is None) == (found.finished is None):
            raise _damaged(path, number, "it is no record of a fit")
        journal.finished = found.finished
        if found.fit is None:
            continue
        fit = found.fit
        place = fit.setting, fit.fold
        scored = fit.failed is None and fit.macro_f1 is not None and 0 <= fit.macro_f1 <= 1
        if (
            not (0 <= fit.setting < len(question.settings) and 0 <= fit.fold < question.n_folds)
            or place in seen
            or not (scored or (fit.failed and fit.macro_f1 is None))
        ):
            raise _damaged(path, number, "it is no fit of this search, or one that is done twice")
        seen.add(place)
        journal.fits.append(fit)
    if journal.finished is not None:
        problem = f"{path.parent} holds a finished search."
        remedy = "Choose another folder (--out), or search anew (--overwrite)."
        raise BundleExistsError(problem, remedy=remedy)


def _lock(file: BinaryIO, directory: Path) -> None:
    try:
        import fcntl  # not on every system; the kernel frees the lock of a killed process
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        problem = f"Another process is searching in {directory}."
        raise StorageError(problem, remedy="Wait for it, or choose another --out.") from error
    except OSError:
        return  # a file system without locks


def _read(kind: type[T], line: bytes, path: Path, number: int) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged(path, number, str(error)) from error


def _damaged(path: Path, number: int, how: str) -> DataError:
    remedy = "Put an intact copy back, or search anew (--overwrite)."
    return DataError(f"{path}: line {number} is damaged: {how}.", remedy=remedy)
