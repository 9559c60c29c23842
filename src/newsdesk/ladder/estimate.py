"""What a family would cost on these rows and on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np

from newsdesk import bundle as door
from newsdesk.bundle import SMALL, Bundle, Fitted
from newsdesk.ladder.trials import Trial, extrapolate, watch
from newsdesk.models.neural.params import TrainingParams
from newsdesk.training.fitting import Fitting
from newsdesk.types import Documents, Indices, Progress, Silent

__all__ = ["MARGIN", "Estimate", "Estimator"]

MARGIN = 1.25
"""An estimate is what trials say, and a quarter more."""

_SHARE = 0.015
"""A trial may take such a part of what is left of the budget longer than the smallest one, …"""
_LONGEST = 4.0
"""… but no more than so many seconds."""
_ASKED = 256
"""Documents that the speed of predicting, and of reading, is measured on."""
_FOLDS = 2
"""Folds of a trial where a fit needs five and one fit more."""
_FOLDS_SLOWER = 2.5
"""Five fits of four fifths of the rows and one of all, against two of a half and one of all."""


@dataclass(frozen=True)
class Estimate:
    """What a family would cost.

    Parameters
    ----------
    seconds : float
        Fitting, predicting the test rows and measuring, with the margin.
    is_least : bool
        Whether that is only what is known to be needed, which was too much already.
    """

    seconds: float
    is_least: bool = False


@dataclass(frozen=True, eq=False)
class Estimator:
    """Estimates families from trials on samples of the rows that they are to be fitted on.

    A trial goes the whole way of a fit: cleaning, calibration, the last fit on train and valid;
    where there are few rows, out-of-fold fits, of which it does fewer. Texts that a family reads
    once and remembers are read before the trial, so that its time is that of everything else; the
    speed of reading is that of predicting texts that nothing remembers.

    Parameters
    ----------
    fitting : Fitting
        What all families share.
    """

    fitting: Fitting

    @cached_property
    def _orders(self) -> tuple[Indices, Indices]:
        """Train and valid rows in one random order: a smaller sample is part of a larger one."""
        split = self.fitting.rows.split
        rng = np.random.default_rng(self.fitting.rows.source.seed)
        return rng.permutation(split.train), rng.permutation(split.valid)

    @property
    def n_rows(self) -> int:
        """Rows of train and valid."""
        return sum(map(len, self._orders))

    @cached_property
    def _asked(self) -> Documents:
        """What a speed is measured on: not what trials begin with."""
        train, _ = self._orders
        return self.fitting.rows.corpus.documents.take(train[-_ASKED:])

    def estimate(
        self,
        family: str,
        params: Any,  # noqa: ANN401  the family's Params
        *,
        left: float,
        measuring: float,
        progress: Progress | None = None,
    ) -> Estimate:
        """Estimate a family.

        Parameters
        ----------
        family : str
            Name of the family.
        params : Any
            Its Params.
        left : float
            Seconds that are left; no more is found out of a family that takes more.
        measuring : float
            Seconds that measuring a family takes.
        progress : Progress | None
            Told of the trials, and may stop them.

        Returns
        -------
        Estimate
            Its costs from now on: what trials have compiled or read already is not in them.
        """
        progress = progress or Silent()
        door.warm_up(family, params)
        reader = door.reader(family, params)
        n_unread, n_test = 0, len(self.fitting.rows.test)
        everything = None
        answer = 0.0
        if reader is not None:
            split, corpus = self.fitting.rows.split, self.fitting.rows.corpus
            rows = np.concatenate([split.train, split.valid])
            everything = self.fitting.cleaner.apply_all(corpus.documents.take(rows))
            n_unread = reader.unread(everything)

        def run(n: int) -> Trial:
            nonlocal answer
            train, valid = self._sample(n)
            if reader is not None:
                for part in (train, valid):
                    documents = self.fitting.rows.corpus.documents.take(part)
                    reader.read(self.fitting.cleaner.apply_all(documents), progress)
            start = perf_counter()
            fitted = self._fit(family, params, train, valid, progress)
            seconds = perf_counter() - start
            answer = answer or self._answering(fitted.bundle)
            slower = _FOLDS_SLOWER if fitted.out_of_fold else 1.0
            return Trial(len(train) + len(valid), slower * seconds)

        def least(trials: Sequence[Trial]) -> float:
            last = trials[-1]
            return last.fit + answer * (max(n_unread - last.n, 0) + n_test) + measuring

        longest = min(max(_SHARE * left, 0.05), _LONGEST)
        trials = watch(run, self.n_rows, seconds=longest, enough=lambda found: least(found) > left)
        if least(trials) > left:
            return Estimate(least(trials), is_least=True)
        if reader is not None and everything is not None and n_unread:
            n_unread = reader.unread(everything)
        seconds = extrapolate(trials, self.n_rows)
        seconds += answer * (n_unread + n_test) + measuring
        return Estimate(MARGIN * seconds)

    def _sample(self, n: int) -> tuple[Indices, Indices]:
        train, valid = self._orders
        n_valid = round(n * len(valid) / self.n_rows)
        return train[: max(n - n_valid, 1)], valid[:n_valid]

    def _fit(
        self,
        family: str,
        params: Any,  # noqa: ANN401
        train: Indices,
        valid: Indices,
        progress: Progress,
    ) -> Fitted:
        fitting = self.fitting
        corpus = fitting.rows.corpus
        documents, held_out = corpus.documents.take(train), corpus.documents.take(valid)
        return Bundle.fit(
            documents,
            corpus.y[train],
            labels=corpus.labels,
            valid=(held_out, corpus.y[valid]),
            groups=np.arange(len(train) + len(valid)) % _FOLDS,
            family=family,
            # Passes that few rows need besides are not made over many.
            params=params.settled(self.n_rows) if isinstance(params, TrainingParams) else params,
            cleaner=fitting.cleaner,
            seed=fitting.rows.source.seed,
            refit=fitting.refit,
            # A trial on few of many rows is to take the way of the many.
            small=SMALL if self.n_rows < SMALL else 0,
            progress=progress,
        )

    def _answering(self, bundle: Bundle) -> float:
        """Seconds of predicting one document that nothing remembers."""
        bundle.predict(self._asked.slice(0, 1))  # tables that are built on first use
        start = perf_counter()
        bundle.predict(self._asked)
        return (perf_counter() - start) / len(self._asked)
