"""One family after the other on the same rows: fitted, timed, measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from newsdesk import bundle as door
from newsdesk import config
from newsdesk.bundle import Bundle, Cleaner, Fitted, Teaching
from newsdesk.errors import ConfigError
from newsdesk.evaluation.metrics import Metrics, measure
from newsdesk.predictions import Predictions
from newsdesk.training.leaks import Leaks, fold_groups
from newsdesk.training.members import check_member
from newsdesk.training.notes import Note
from newsdesk.training.result import Costs, Result, peak_rss_mb, timed_predict
from newsdesk.training.rows import Rows
from newsdesk.types import Bools, Documents, Floats, Indices, Progress

__all__ = ["Fitting"]


@dataclass(frozen=True, eq=False)
class Fitting:
    """What all families of a run share.

    Parameters
    ----------
    rows : Rows
        Corpus and split.
    leaks : Leaks
        Test rows whose text stands in train or valid.
    cleaner : Cleaner
        Text steps of the bundles.
    refit : bool | None
        Whether the final classifier is fitted on train and valid together, see `Bundle.fit`.
    checkpoints : Path | None
        Folder for the state of unfinished trainings.
    progress : Progress
        Told of long work.
    said : Note
        Receives what a reader of the numbers should know.
    teaching : Teaching | None
        What all families learn besides the labels.
    """

    rows: Rows
    leaks: Leaks
    cleaner: Cleaner
    refit: bool | None
    checkpoints: Path | None
    progress: Progress
    said: Note
    teaching: Teaching | None = None

    @property
    def groups(self) -> Indices:
        """Rows of train followed by valid that folds must not part share a number."""
        split = self.rows.split
        rows = np.concatenate([split.train, split.valid])
        found: Indices = fold_groups(self.rows.corpus, split, self.leaks.clusters)[rows]
        return found

    @cached_property
    def learnt(self) -> Documents:
        """Documents of the train rows, and behind them those without label."""
        train = self.rows.train[0]
        more = None if self.teaching is None else self.teaching.unlabelled
        return train if more is None else train.extended(more)

    def memory(self, family: str, params: Any) -> int | None:  # noqa: ANN401  the family's Params
        """Estimate how much memory a fit takes.

        Parameters
        ----------
        family : str
            Name of the family.
        params : Any
            Its Params.

        Returns
        -------
        int | None
            Bytes; None where the family does not tell.
        """
        return door.plan(family, params, self.learnt, len(self.rows.corpus.labels))

    def check_memory(self, family: str, params: Any) -> None:  # noqa: ANN401  the family's Params
        """Say how much memory a fit takes, and refuse one that would not fit.

        Parameters
        ----------
        family : str
            Name of the family.
        params : Any
            Its Params.

        Raises
        ------
        ConfigError
            If more is needed than is available.
        """
        documents, labels = self.learnt, self.rows.corpus.labels
        needed = self.memory(family, params)
        if needed is None:
            return
        self.said(f"Fitting {family} takes about {needed / 1e9:.1f} GB of memory.")
        free = config.available_memory()
        if free is not None and needed > free:
            problem = (
                f"Fitting {family} on {len(documents):,} documents and {len(labels):,} classes "
                f"takes about {needed / 1e9:.1f} GB of memory; {free / 1e9:.1f} GB are available."
            )
            remedy = (
                "Take fewer rows (--rows), or smaller settings (--set bits=20, --set "
                f"vocab_size=20000): newsdesk families {family} lists them."
            )
            raise ConfigError(problem, remedy=remedy)

    def vouch(self, family: str, params: Any) -> Any:  # noqa: ANN401  the family's Params
        """Refuse bundles that have learnt from valid or test rows, and say what is not known.

        Parameters
        ----------
        family : str
            Name of the family.
        params : Any
            Its Params.

        Returns
        -------
        Any
            Params to fit with: they trust what was checked here.
        """
        folders = door.given_bundles(family, params)
        if not folders:
            return params
        for folder in folders:
            note = check_member(folder, self.rows, trust=params.trust)
            if note is not None:
                self.said(f"{family}: {note}")
        return replace(params, trust=True)

    def run(self, family: str, params: Any) -> Result:  # noqa: ANN401  the family's Params
        """Fit a family and measure it on the test rows.

        Parameters
        ----------
        family : str
            Name of the family.
        params : Any
            Its Params.

        Returns
        -------
        Result
            The bundle, its numbers and what it cost.
        """
        corpus, split = self.rows.corpus, self.rows.split
        compile_seconds = door.warm_up(family, params)
        train, valid = self.rows.train, self.rows.valid  # selected before the clock starts
        rows = np.concatenate([split.train, split.valid])
        start = perf_counter()
        fitted = Bundle.fit(
            *train,
            labels=corpus.labels,
            valid=valid,
            groups=self.groups,
            family=family,
            params=params,
            cleaner=self.cleaner,
            seed=self.rows.source.seed,
            refit=self.refit,
            fingerprint=corpus.fingerprint,
            checkpoints=None if self.checkpoints is None else self.checkpoints / family,
            progress=self.progress,
            teaching=self.teaching,
        )
        for note in fitted.notes:
            self.said(f"{family}: {note}")
        fit_seconds = perf_counter() - start - fitted.seconds["cross_calibrate"]
        predictions, speed = timed_predict(fitted.bundle, self.rows.test)
        costs = Costs(fit_seconds, compile_seconds, speed, peak_rss_mb())
        return self._measured(family, fitted, rows, predictions, costs)

    def _measured(
        self,
        family: str,
        fitted: Fitted,
        rows: Indices,
        predictions: Predictions,
        costs: Costs,
    ) -> Result:
        corpus, split, clusters = self.rows.corpus, self.rows.split, self.leaks.clusters

        def measured(picked: Indices, proba: Floats) -> Metrics:
            return measure(
                proba,
                corpus.y[picked],
                corpus.labels,
                clusters=clusters[picked],
                threshold=fitted.bundle.calibrator.threshold,
                seed=self.rows.source.seed,
            )

        def on_test(chosen: Bools) -> Metrics:
            return measured(split.test[chosen], predictions.proba[chosen])

        known = corpus.y[split.test] >= 0

        def without(leaked: Bools) -> Metrics | None:
            fresh = known & ~leaked
            return on_test(fresh) if leaked.any() and fresh.any() else None

        exact, near = self.leaks.exact, self.leaks.near
        without_leaked = without(near)
        return Result(
            family=family,
            bundle=fitted.bundle,
            valid=measured(rows[fitted.held_out], fitted.valid_proba),
            valid_proba=fitted.valid_proba,
            valid_rows=rows[fitted.held_out],
            test=on_test(known),
            without_leaked=without_leaked,
            n_leaked=int(near.sum()),
            without_copies=without_leaked if np.array_equal(exact, near) else without(exact),
            n_copies=int(exact.sum()),
            predictions=predictions,
            test_rows=split.test[known],
            costs=costs,
            history=fitted.history,
        )
