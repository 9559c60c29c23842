"""The fits of a study: each on the same rows, measured on train and valid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np

from newsdesk import bundle as door
from newsdesk import config
from newsdesk.errors import ConfigError, DivergedError, FitError
from newsdesk.evaluation.terms import Terms
from newsdesk.models import registry
from newsdesk.models.classifier import Classifier, Epochal, Valid
from newsdesk.study.factors import Plan, Setting
from newsdesk.study.journal import Fit, Numbers, Quality
from newsdesk.types import Floats, Indices, LabelSet, Progress

__all__ = ["MOST_MEASURED", "Fitting"]

MOST_MEASURED = 5_000
"""Training rows that are measured; of more, a sample: its accuracy has a standard error below 0.8
points."""


@dataclass(frozen=True, eq=False)
class Fitting:
    """What all fits of a study share.

    Parameters
    ----------
    plan : Plan
        What is fitted.
    train : Valid
        n clean documents to fit on, and their class indices.
    valid : Valid
        Clean documents to measure on, and their class indices.
    labels : LabelSet
        Class names.
    seed : int
        Of the sample of training rows that are measured.
    progress : Progress
        Told of long work.
    """

    plan: Plan
    train: Valid
    valid: Valid
    labels: LabelSet
    seed: int
    progress: Progress

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.labels)

    def check_memory(self) -> None:
        """Refuse what would not fit.

        Raises
        ------
        ConfigError
            If a fit needs more memory than there is.
        """
        free = config.available_memory()
        for setting in self.plan.settings:
            needed = door.plan(self.plan.family, setting.params, self.train[0], self.n_classes)
            if needed is None or free is None:
                return
            if needed > free:
                problem = (
                    f"A fit of {self.plan.name(setting)} on {len(self.train[0]):,} documents takes "
                    f"about {needed / 1e9:.1f} GB of memory; {free / 1e9:.1f} GB are available."
                )
                raise ConfigError(problem, remedy="Take fewer rows (--rows), or other levels.")

    def fit(self, setting: Setting, seed: int) -> Fit:
        """Train once and measure.

        Parameters
        ----------
        setting : Setting
            What to fit.
        seed : int
            Of every random draw.

        Returns
        -------
        Fit
            The numbers, or why there are none.
        """
        classifier = registry.find(self.plan.family).create(setting.params, self.labels)
        place = setting.number, seed, setting.values
        start = perf_counter()
        try:
            classifier.fit(
                *self.train,
                n_classes=self.n_classes,
                valid=self.valid,
                rng=np.random.default_rng(seed),
                progress=self.progress,
            )
            seconds = perf_counter() - start
            numbers = self._measure(classifier)
        except FitError as error:
            diverged = isinstance(error, DivergedError)
            seconds = perf_counter() - start
            return Fit(*place, None, seconds, failed=error.problem, diverged=diverged)
        history = classifier.history if isinstance(classifier, Epochal) else None
        return Fit(*place, numbers, seconds, history=history)

    def _measure(self, classifier: Classifier) -> Numbers:
        on_train, _ = _measured(classifier.predict_proba(self._sample[0]), self._sample[1])
        on_valid, right = _measured(classifier.predict_proba(self.valid[0]), self.valid[1])
        return Numbers(on_train, on_valid, right)

    @property
    def n_measured(self) -> int:
        """Training rows that are measured."""
        return len(self._sample[1])

    @cached_property
    def _sample(self) -> Valid:
        documents, y = self.train
        if len(y) <= MOST_MEASURED:
            return self.train
        rng = np.random.default_rng(self.seed)
        rows = np.sort(rng.choice(len(y), MOST_MEASURED, replace=False))
        return documents.take(rows), y[rows]


def _measured(proba: Floats, y: Indices) -> tuple[Quality, bytes]:
    """Quality, and which rows were answered right, eight to the byte."""
    if not np.isfinite(proba).all():
        problem = "Training diverged: it gave probabilities that are not finite."
        raise DivergedError(problem, remedy="Lower the learning rate.")
    terms = Terms(proba, y)
    values, _ = terms.measure(np.ones(len(y)))
    quality = Quality(values["accuracy"], values["macro_f1"], values["log_loss"])
    return quality, np.packbits(terms.right).tobytes()
