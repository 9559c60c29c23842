"""What a study asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from newsdesk import store
from newsdesk.data.split import Split
from newsdesk.study.factors import Plan
from newsdesk.study.journal import Fit

__all__ = ["Question"]

_LIBRARIES = (
    *("numpy", "scipy", "scikit-learn", "numba", "torch"),
    *("spacy", "spacy-lookups-data", "ftfy"),
)


@dataclass(frozen=True)
class Question(store.Asked[Fit]):
    """Everything that the numbers of a study depend on.

    Parameters
    ----------
    data : str
        Fingerprint of all rows.
    split : str
        Specification of the split.
    rows : str
        Sha256 of which row is in which part of it.
    n_valid : int
        Valid rows.
    family : str
        The family.
    design : str
        Which combinations of levels are fitted.
    factors : dict[str, tuple[Any, ...]]
        Levels by setting.
    settings : tuple[dict[str, Any], ...]
        All Params of every setting, in the order of the plan.
    seeds : tuple[int, ...]
        Of the fits of each setting.
    seed : int
        Of every other random draw.
    cleaner : dict[str, Any]
        Text steps.
    confirm : bool
        Whether the recommended levels are fitted together.
    most_gap : float | None
        Bound on the gap of what is recommended.
    versions : dict[str, str]
        Of newsdesk and of the libraries that compute.
    """

    data: str
    split: str
    rows: str
    n_valid: int
    family: str
    design: str
    factors: dict[str, tuple[Any, ...]]
    settings: tuple[dict[str, Any], ...]
    seeds: tuple[int, ...]
    seed: int
    cleaner: dict[str, Any]
    confirm: bool
    most_gap: float | None
    versions: dict[str, str]

    @classmethod
    def of(
        cls,
        plan: Plan,
        *,
        data: str,
        split: Split,
        seeds: tuple[int, ...],
        seed: int,
        cleaner: object,
        confirm: bool,
        most_gap: float | None = None,
    ) -> Question:
        """State a question.

        Parameters
        ----------
        plan : Plan
            What is fitted.
        data : str
            Fingerprint of all rows.
        split : Split
            Which of them train, choose and test.
        seeds : tuple[int, ...]
            Of the fits of each setting.
        seed : int
            Of every other random draw.
        cleaner : object
            Text steps, a dataclass.
        confirm : bool
            Whether the recommended levels are fitted together.
        most_gap : float | None
            Bound on the gap of what is recommended.

        Returns
        -------
        Question
            In plain values.
        """
        parts = np.concatenate([split.train, [-1], split.valid, [-1], split.test])
        return cls(
            data=data,
            split=split.spec,
            rows=hashlib.sha256(parts.astype("<i8").tobytes()).hexdigest(),
            n_valid=len(split.valid),
            family=plan.family,
            design=plan.design,
            factors={factor.key: factor.levels for factor in plan.factors},
            settings=tuple(msgspec.to_builtins(setting.params) for setting in plan.settings),
            seeds=seeds,
            seed=seed,
            cleaner=msgspec.to_builtins(cleaner),
            confirm=confirm,
            most_gap=most_gap,
            versions=store.versions(_LIBRARIES),
        )

    def place(self, fit: Fit) -> tuple[int, int] | None:
        """Setting and seed of a fit; see `newsdesk.store.Asked.place`."""
        # The recommended levels together, where no setting of the plan has them, come last.
        n_settings = len(self.settings) + self.confirm
        if not 0 <= fit.setting < n_settings or fit.seed not in self.seeds:
            return None
        if (fit.numbers is None) == (fit.failed is None):
            return None
        if fit.numbers is not None and len(fit.numbers.right) != (self.n_valid + 7) // 8:
            return None
        return fit.setting, fit.seed
