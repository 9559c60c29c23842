"""What the journal of a search holds; `newsdesk.store.journal` keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from newsdesk import store

__all__ = ["JOURNAL", "Finished", "FoldScore", "Journal", "is_taken", "opened"]


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


Journal = store.Journal[FoldScore, Finished]
_KIND = store.JournalKind("search", "searching", FoldScore, Finished)
JOURNAL = _KIND.file
"""The file by which the folder of a search is known."""
opened, is_taken = _KIND.opened, _KIND.is_taken
