"""What the journal of a study holds; `newsdesk.store.journal` keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from newsdesk import store
from newsdesk.models.history import History
from newsdesk.types import Bools

__all__ = [
    "JOURNAL",
    "Finished",
    "Fit",
    "Journal",
    "Numbers",
    "Quality",
    "is_taken",
    "opened",
]


@dataclass(frozen=True)
class Quality:
    """Numbers of a fit on some rows, before calibration and without dropout.

    Parameters
    ----------
    accuracy : float
        Share of right answers, in [0, 1].
    macro_f1 : float
        Mean F1 of the classes, in [0, 1].
    log_loss : float
        Mean negative natural logarithm of the probability of the right class; at least 0.
    """

    accuracy: float
    macro_f1: float
    log_loss: float


@dataclass(frozen=True)
class Numbers:
    """What a training came to.

    Parameters
    ----------
    train : Quality
        On training rows.
    valid : Quality
        On the valid rows.
    right : bytes
        Which valid rows were answered right: eight rows to the byte, the first in the highest bit.
    """

    train: Quality
    valid: Quality
    right: bytes

    @property
    def gap(self) -> float:
        """Accuracy on train minus accuracy on valid."""
        return self.train.accuracy - self.valid.accuracy

    def answers(self, n: int) -> Bools:
        """Unpack which valid rows were answered right.

        Parameters
        ----------
        n : int
            Number of valid rows.

        Returns
        -------
        Bools
            Shape ``(n,)``.
        """
        return np.unpackbits(np.frombuffer(self.right, dtype=np.uint8), count=n).astype(bool)


@dataclass(frozen=True)
class Fit:
    """One training.

    Parameters
    ----------
    setting : int
        Number of the setting.
    seed : int
        Of every random draw of the training.
    values : dict[str, Any]
        The level of each factor.
    numbers : Numbers | None
        What it came to; None where it failed.
    seconds : float
        Wall time.
    failed : str | None
        Why it failed.
    diverged : bool
        Whether that was because numbers grew beyond all bounds.
    history : History | None
        The epochs, of families that train in epochs.
    """

    setting: int
    seed: int
    values: dict[str, Any]
    numbers: Numbers | None
    seconds: float
    failed: str | None = None
    diverged: bool = False
    history: History | None = None


@dataclass(frozen=True)
class Finished:
    """The last line of a journal.

    Parameters
    ----------
    recommended : dict[str, Any]
        The level of each factor that came out.
    """

    recommended: dict[str, Any]


Journal = store.Journal[Fit, Finished]
_KIND = store.JournalKind("study", "studying", Fit, Finished)
JOURNAL = _KIND.file
"""The file by which the folder of a study is known."""
opened, is_taken = _KIND.opened, _KIND.is_taken
