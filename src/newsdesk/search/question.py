"""What a search asks: two searches with the same question have the same answer."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import Any

import msgspec

from newsdesk._version import __version__
from newsdesk.search.grid import Grid
from newsdesk.types import Indices

__all__ = ["Question"]

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba")


@dataclass(frozen=True)
class Question:
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
        versions = {"newsdesk": __version__, "python": platform.python_version()}
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
            versions=versions | {name: version(name) for name in _LIBRARIES},
        )

    @property
    def digest(self) -> str:
        """Sha256 of the question, hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    def differences(self, other: Question) -> list[str]:
        """Say in what two questions differ.

        Parameters
        ----------
        other : Question
            Another one.

        Returns
        -------
        list[str]
            Names of what differs.
        """
        mine, others = msgspec.to_builtins(self), msgspec.to_builtins(other)
        # Plain values as JSON gives them back: a list and a tuple say the same.
        encode = msgspec.json.encode
        return [
            item.name
            for item in fields(self)
            if encode(mine[item.name], order="sorted") != encode(others[item.name], order="sorted")
        ]
