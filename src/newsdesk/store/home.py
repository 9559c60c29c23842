"""Changing what a home serves, one process at a time and one step after the other.

A version is copied under its digest and checked there. Then the step is written to the history,
and only then is ``CURRENT`` exchanged, by one rename. Whatever kills the process in between, the
old version is served or the new one.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from newsdesk.errors import BundleError, BundleExistsError, BundleFormatError
from newsdesk.store.current import BUNDLES, CURRENT, is_home, resolve, served_digest
from newsdesk.store.locking import refuse_shared
from newsdesk.store.publishing import staged, sync
from newsdesk.store.refusing import writing
from newsdesk.store.sealing import verify
from newsdesk.store.steps import HISTORY, Kind, Step, append, before_last, read_steps

__all__ = ["Home"]

_NEXT = f".{CURRENT}.tmp"
_FEWEST_CHARACTERS = 6
_writing = partial(
    writing,
    remedy="Free space or mend its rights, then run again; what was served is served on.",
)


@dataclass(frozen=True)
class Home:
    """A home of versions.

    Parameters
    ----------
    path : Path
        Its folder.
    """

    path: Path

    @property
    def served(self) -> str | None:
        """Digest of the version that is served; None before the first promotion."""
        return served_digest(self.path)

    @property
    def steps(self) -> list[Step]:
        """The history, in order; see `read_steps`."""
        return read_steps(self.path / HISTORY)

    def bundle(self, digest: str) -> Path:
        """Folder of a version."""
        return self.path / BUNDLES / digest

    def find(self, digest: str) -> str:
        """Complete the beginning of a digest.

        Parameters
        ----------
        digest : str
            The first six characters or more.

        Returns
        -------
        str
            The digest of a version that is kept here.

        Raises
        ------
        BundleFormatError
            If there is no such version, or more than one.
        """
        folder = self.path / BUNDLES
        kept = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        asked = digest.lower()
        found = [name for name in kept if name.startswith(asked)]
        if len(found) != 1 or len(asked) < _FEWEST_CHARACTERS:
            problem = f"{digest!r} is the beginning of {len(found)} of {len(kept)} versions."
            shown = ", ".join(name[:12] for name in kept if not name.startswith("."))
            remedy = f"Name one by {_FEWEST_CHARACTERS} characters or more: {shown or 'none'}."
            raise BundleFormatError(problem, remedy=remedy)
        return found[0]

    def before_last(self) -> str:
        """Find the version to which one step back leads.

        Returns
        -------
        str
            Its digest.

        Raises
        ------
        BundleFormatError
            If nothing was served before.
        """
        found = before_last(self.steps, self.served)
        if found is None:
            problem = f"{self.path} has served no other version before."
            remedy = "Name one that is kept (--to DIGEST), or promote another bundle."
            raise BundleFormatError(problem, remedy=remedy)
        return found

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Keep other processes from changing what is served; make the folder where there is none.

        Yields
        ------
        None
            While no other process may.

        Raises
        ------
        BundleExistsError
            If something else than a home stands there.
        StorageError
            If another process is at it, or the disk refuses.
        """
        with _writing(self.path):
            self._make()
            handle = os.open(self.path, os.O_RDONLY)
        try:
            work = f"changing what {self.path} serves"
            refuse_shared(handle, work, remedy="Look at newsdesk history when it is done.")
            yield
        finally:
            os.close(handle)

    def _make(self) -> None:
        path = self.path
        if path.exists() and not is_home(path) and (not path.is_dir() or any(path.iterdir())):
            problem = f"{path} is no home of versions: something else stands there."
            raise BundleExistsError(problem, remedy="Name a new folder.")
        missing = [at for at in (path, *path.parents) if not at.exists()]
        (path / BUNDLES).mkdir(parents=True, exist_ok=True)
        for made in (path, *missing):
            sync(made)
            sync(made.parent)

    def add(self, source: Path, digest: str) -> None:
        """Keep a copy of a bundle as a version; it is on the disk when this returns.

        Parameters
        ----------
        source : Path
            The bundle's folder, or a home that serves it.
        digest : str
            Digest that it must have.

        Raises
        ------
        BundleIntegrityError
            If its bytes are others.
        StorageError
            If the disk refuses.
        """
        place = self.bundle(digest)
        try:
            verify(place, expect_digest=digest)
        except BundleError:
            # Nothing is there, or what is there is damaged.
            folder, _ = resolve(source)
            with staged(place, replace=True) as staging:
                shutil.copytree(folder, staging, symlinks=True, dirs_exist_ok=True)
                verify(staging, expect_digest=digest)

    def serve(self, digest: str, step: Step) -> None:
        """Serve a version that is kept here; what is served is on the disk when this returns.

        Parameters
        ----------
        digest : str
            Of the version.
        step : Step
            What the history says of it.

        Raises
        ------
        BundleFormatError
            If there is no such version.
        BundleIntegrityError
            If its bytes are no longer those of its digest.
        StorageError
            If the disk refuses.
        """
        assert step.after == digest, "the history would say something else"
        verify(self.bundle(digest), expect_digest=digest)
        self.note(step)
        following = self.path / _NEXT
        with _writing(self.path / CURRENT):
            with following.open("wb") as file:
                file.write(digest.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            following.replace(self.path / CURRENT)
            sync(self.path)

    def note(self, step: Step) -> None:
        """Write a step to the history.

        Parameters
        ----------
        step : Step
            The step.

        Raises
        ------
        StorageError
            If the disk refuses.
        """
        path = self.path / HISTORY
        with _writing(path):
            append(path, step)
            sync(self.path)

    def step(self, kind: Kind, candidate: str, *, by: str, **more: object) -> Step:
        """Describe a step from what is served now.

        Parameters
        ----------
        kind : Kind
            What is done.
        candidate : str
            Digest of the bundle that it is about.
        by : str
            Who does it.
        **more : object
            Further fields of `Step`.

        Returns
        -------
        Step
            Of this moment.
        """
        try:
            before = self.served
        except BundleFormatError:
            before = None  # a step back mends what CURRENT says
        return Step(
            step=kind,
            time=f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
            by=by,
            before=before,
            after=before if kind == "refused" else candidate,
            candidate=candidate,
            **more,  # type: ignore[arg-type]
        )
