"""The way back: an earlier version is served again, to the byte."""

from __future__ import annotations

from pathlib import Path

from newsdesk import store
from newsdesk.errors import BundleFormatError
from newsdesk.store import Step

__all__ = ["rollback"]


def rollback(home: Path | str, *, to: str | None = None, by: str = "", why: str = "") -> Step:
    """Serve an earlier version again.

    Parameters
    ----------
    home : Path | str
        A home.
    to : str | None
        Digest of a version that is kept there, or its first characters; None goes one step back.
    by : str
        Who does it, for the history.
    why : str
        The reason, for the history.

    Returns
    -------
    Step
        What the history says of it.

    Raises
    ------
    BundleFormatError
        If it is no home, there is no such version, or it is served already.
    BundleIntegrityError
        If the bytes of that version are no longer those of its digest.
    StorageError
        If another process changes the home, or the disk refuses.
    """
    kept = store.Home(Path(home))
    if not store.is_home(kept.path):
        problem = f"{home} is no home of versions."
        raise BundleFormatError(problem, remedy="Give the folder that bundles are promoted into.")
    with kept.changing():
        digest = kept.before_last() if to is None else kept.find(to)
        step = kept.step("rolled_back", digest, by=by, why=why)
        if step.before == digest:
            problem = f"{home} serves {digest[:12]} already."
            raise BundleFormatError(
                problem, remedy="newsdesk history shows what was served before."
            )
        kept.serve(digest, step)
    return step
