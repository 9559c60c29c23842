"""Journals of fits: every finished fit is on the disk before the next one is told.

The first line states the question; a run of the same question goes on where the file ends. Then
comes one line per fit, in JSON, and a last one when the work has come to its end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

import msgspec

from newsdesk.errors import BundleExistsError, DataError
from newsdesk.store.locking import refuse_shared
from newsdesk.store.question import Asked
from newsdesk.store.refusing import writing

__all__ = ["Journal", "Kind"]

_FORMAT = 1
_writing = partial(writing, remedy="Free space or choose another folder (--out), then run again.")

Fit = TypeVar("Fit")
End = TypeVar("End")
T = TypeVar("T")


@dataclass(eq=False)
class Journal(Generic[Fit, End]):
    """What has been done, here and on the disk.

    Parameters
    ----------
    path : Path | None
        The file; None keeps the journal in memory alone.
    fits : list[Fit]
        Finished fits, in the order of their ends.
    finished : End | None
        Whether the work has come to its end.
    n_torn : int
        Bytes of a line that a killed process left half written, which were dropped.
    file : BinaryIO | None
        The open file, at its end.
    """

    path: Path | None = None
    fits: list[Fit] = field(default_factory=list)
    finished: End | None = None
    n_torn: int = 0
    file: BinaryIO | None = None

    def add(self, fit: Fit) -> None:
        """Note a fit; it is on the disk when this returns.

        Parameters
        ----------
        fit : Fit
            The fit.
        """
        self.write({"fit": fit})
        self.fits.append(fit)

    def finish(self, finished: End) -> None:
        """Note the end.

        Parameters
        ----------
        finished : End
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
        with _writing(self.path):
            self.file.write(msgspec.json.encode(line) + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())


@dataclass(frozen=True)
class Kind(Generic[Fit, End]):
    """The journals of one verb.

    Parameters
    ----------
    name : str
        What the work is called: ``"search"`` or ``"study"``, a noun and a verb.
    doing : str
        The same as a participle.
    fit : type[Fit]
        Dataclass of a fit.
    end : type[End]
        Dataclass of the last line.
    """

    name: str
    doing: str
    fit: type[Fit]
    end: type[End]

    @property
    def file(self) -> str:
        """Name of the file, by which a folder is known."""
        return f"{self.name}.jsonl"

    @property
    def _key(self) -> str:
        return f"newsdesk_{self.name}"

    @contextmanager
    def opened(
        self, directory: Path, question: Asked[Fit], *, fresh: bool = False
    ) -> Iterator[Journal[Fit, End]]:
        """Open the journal of a folder: a new one, or that of unfinished work.

        Parameters
        ----------
        directory : Path
            The folder; made if it does not exist.
        question : Asked[Fit]
            What is asked.
        fresh : bool
            Whether what stands in the journal is thrown away.

        Yields
        ------
        Journal[Fit, End]
            With the fits that are done. No other process can open it meanwhile.

        Raises
        ------
        BundleExistsError
            If the folder holds something else, finished work, or that of another question.
        DataError
            If the journal is damaged, other than by a line that was cut off at its end.
        StorageError
            If another process is at work there, or the disk refuses.
        """
        path = directory / self.file
        with _writing(path):
            if not path.exists() and directory.exists() and any(directory.iterdir()):
                problem = f"{directory} has no {self.file}, so it was not written by a {self.name}."
                raise BundleExistsError(problem, remedy="Choose another folder (--out).")
            directory.mkdir(parents=True, exist_ok=True)
            file = path.open("ab+")
        with file:
            refuse_shared(file.fileno(), f"{self.doing} in {directory}")
            with _writing(path):
                file.seek(0)
                content = file.read()
            self._refuse_foreign(content, path)
            # A line without its end was being written when the process was killed.
            n_whole = 0 if fresh else content.rfind(b"\n") + 1
            n_torn = 0 if fresh else len(content) - n_whole
            journal: Journal[Fit, End] = Journal(path, n_torn=n_torn, file=file)
            if n_whole:
                self._fill(journal, path, content[:n_whole].splitlines(), question)
            with _writing(path):
                file.truncate(n_whole)
            if not n_whole:
                header = {self._key: _FORMAT, "digest": question.digest, "question": question}
                journal.write(header)
            yield journal

    def is_taken(self, directory: Path) -> bool:
        """Tell whether no work can begin or go on in a folder.

        Parameters
        ----------
        directory : Path
            Any path.

        Returns
        -------
        bool
            Whether it holds something else, or work that is finished.
        """
        if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
            return False
        try:
            *_, last = (directory / self.file).read_bytes().splitlines() or [b""]
        except OSError:
            return True
        return last.startswith(b'{"finished":')

    def _refuse_foreign(self, content: bytes, path: Path) -> None:
        magic = f'{{"{self._key}":'.encode()
        if content[: len(magic)] != magic[: len(content)]:
            problem = f"{path} is no journal of a {self.name}."
            raise BundleExistsError(problem, remedy="Choose another folder (--out).")

    def _fill(
        self, journal: Journal[Fit, End], path: Path, lines: list[bytes], question: Asked[Fit]
    ) -> None:
        header = self._read(lines[0], path, 1)
        asked = self._converted(header.get("question"), type(question), path, 1)
        if header.get(self._key) != _FORMAT or header.get("digest") != asked.digest:
            raise self._damaged(path, 1, "it does not fit its own digest")
        if asked.digest != question.digest:
            names = ", ".join(asked.differences(question))
            problem = f"{path.parent} holds a {self.name} that asks another question "
            remedy = f"Choose another folder (--out), or throw that {self.name} away (--overwrite)."
            raise BundleExistsError(f"{problem}(other {names}).", remedy=remedy)
        seen = set()
        for number, line in enumerate(lines[1:], start=2):
            found = self._read(line, path, number)
            fitted, finished = found.get("fit"), found.get("finished")
            if journal.finished is not None or (fitted is None) == (finished is None):
                raise self._damaged(path, number, "it is no record of a fit")
            if fitted is None:
                journal.finished = self._converted(finished, self.end, path, number)
                continue
            fit = self._converted(fitted, self.fit, path, number)
            place = question.place(fit)
            if place is None or place in seen:
                how = f"it is no fit of this {self.name}, or one that is done twice"
                raise self._damaged(path, number, how)
            seen.add(place)
            journal.fits.append(fit)
        if journal.finished is not None:
            problem = f"{path.parent} holds a finished {self.name}."
            remedy = f"Choose another folder (--out), or {self.name} anew (--overwrite)."
            raise BundleExistsError(problem, remedy=remedy)

    def _read(self, line: bytes, path: Path, number: int) -> dict[str, Any]:
        try:
            return msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._damaged(path, number, str(error)) from error

    def _converted(self, value: object, kind: type[T], path: Path, number: int) -> T:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise self._damaged(path, number, str(error)) from error

    def _damaged(self, path: Path, number: int, how: str) -> DataError:
        remedy = f"Put an intact copy back, or {self.name} anew (--overwrite)."
        return DataError(f"{path}: line {number} is damaged: {how}.", remedy=remedy)
