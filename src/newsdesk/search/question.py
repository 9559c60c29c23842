"""What a search asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from newsdesk import store
from newsdesk.search.grid import Grid
from newsdesk.search.journal import FoldScore
from newsdesk.types import Indices

__all__ = ["Question"]

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba")


@dataclass(frozen=True)
class Question(store.Asked[FoldScore]):
    """Everything that the scores of a search depend on.

    Parameters
    ----------
    data : str
        Fingerprint of all rows.
    split : str
        Specification of the split.
    folds : str
        Sha256 of which row is in which fold, and which is in none.
    n_folds : int
        Number of folds.
    seed : int
        Of every random draw.
    family : str
        The family.
    cleaner : dict[str, Any]
        Text steps.
    grid : dict[str, tuple[Any, ...]]
        Values by setting.
    settings : tuple[dict[str, Any], ...]
        All Params of every point of the grid, in its order.
    versions : dict[str, str]
        Of newsdesk and of the libraries that compute.
    """

    data: str
    split: str
    folds: str
    n_folds: int
    seed: int
    family: str
    cleaner: dict[str, Any]
    grid: dict[str, tuple[Any, ...]]
    settings: tuple[dict[str, Any], ...]
    versions: dict[str, str]

    @classmethod
    def of(
        cls,
        grid: Grid,
        *,
        data: str,
        split: str,
        fold: Indices,
        n_folds: int,
        seed: int,
        cleaner: object,
    ) -> Question:
        """State a question.

        Parameters
        ----------
        grid : Grid
            The grid.
        data : str
            Fingerprint of all rows.
        split : str
            Specification of the split.
        fold : Indices
            Fold of every row of the data, -1 for none; shape ``(n,)``.
        n_folds : int
            Number of folds.
        seed : int
            Of every random draw.
        cleaner : object
            Text steps, a dataclass.

        Returns
        -------
        Question
            In plain values.
        """
        return cls(
            data=data,
            split=split,
            folds=hashlib.sha256(fold.astype("<i8").tobytes()).hexdigest(),
            n_folds=n_folds,
            seed=seed,
            family=grid.family,
            cleaner=msgspec.to_builtins(cleaner),
            grid=grid.values,
            settings=tuple(msgspec.to_builtins(setting.params) for setting in grid.settings),
            versions=store.versions(_LIBRARIES),
        )

    def place(self, fit: FoldScore) -> tuple[int, int] | None:
        """Setting and fold of a fit; see `newsdesk.store.Asked.place`."""
        known = 0 <= fit.setting < len(self.settings) and 0 <= fit.fold < self.n_folds
        scored = fit.failed is None and fit.macro_f1 is not None and 0 <= fit.macro_f1 <= 1
        if not known or not (scored or (fit.failed and fit.macro_f1 is None)):
            return None
        return fit.setting, fit.fold
