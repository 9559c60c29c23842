"""Predictions on rows that a classifier has not seen: what choice and calibration rest on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from newsdesk.bundle.folds import deal
from newsdesk.errors import DataError
from newsdesk.models import registry
from newsdesk.models.classifier import Classifier, Epochal, Refittable, Valid
from newsdesk.types import Floats, Indices, LabelSet, Progress, Silent

__all__ = ["N_FOLDS", "HeldOut", "Task"]

N_FOLDS = 5


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Scores of rows by classifiers that had not seen them, and the classifier to keep.

    Parameters
    ----------
    scores : Floats
        Uncalibrated, shape ``(n_held_out, n_classes)``.
    y : Indices
        Their class indices.
    rows : Indices
        Which rows of train followed by valid they are.
    classifier : Classifier
        Fitted on train, or on all rows where the scores are out of fold.
    """

    scores: Floats
    y: Indices
    rows: Indices
    classifier: Classifier


@dataclass(frozen=True, eq=False)
class Task:
    """What a classifier is to learn.

    Parameters
    ----------
    family : registry.Family
        The family.
    params : Any
        Its Params; None means the defaults.
    labels : LabelSet
        Class names.
    seed : int
        Of every random draw.
    progress : Progress
        Told of long work.
    checkpoints : Path | None
        Folder for the state of an unfinished training, for families that keep one.
    """

    family: registry.Family
    params: Any
    labels: LabelSet
    seed: int
    progress: Progress
    checkpoints: Path | None = None

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.labels)

    @cached_property
    def is_long(self) -> bool:
        """Whether the family trains in epochs, and not briefly; see `Epochal`."""
        classifier = self.family.create(self.params)
        return isinstance(classifier, Epochal) and not classifier.brief

    def on_valid(self, train: Valid, valid: Valid) -> HeldOut:
        """Fit on train and score valid.

        Parameters
        ----------
        train : Valid
            Documents and class indices.
        valid : Valid
            Documents and class indices.

        Returns
        -------
        HeldOut
            Scores of the valid rows.
        """
        rng = np.random.default_rng(self.seed)
        classifier = self._fit(train, valid, rng, self.progress, "valid")
        scores = classifier.decision(valid[0]).values
        n_train = len(train[1])
        rows = np.arange(n_train, n_train + len(valid[1]))
        return HeldOut(scores, valid[1], rows, classifier)

    def out_of_fold(self, everything: Valid, groups: Indices | None) -> HeldOut:
        """Score every row by a classifier that has seen neither it nor its group.

        Parameters
        ----------
        everything : Valid
            Documents and class indices of all rows.
        groups : Indices | None
            Rows that share a number stay in one fold, shape ``(n,)``.

        Returns
        -------
        HeldOut
            Scores of all rows; the classifier has seen all rows.

        Raises
        ------
        DataError
            If all rows are of one group.
        """
        documents, y = everything
        fold = _folds(y, groups, self.seed)
        if not fold.any():
            problem = f"All {len(y):,} training rows belong to one group."
            raise DataError(problem, remedy="Give rows of at least two groups.")
        scores = np.zeros((len(y), self.n_classes), dtype=np.float32)
        n_folds = int(fold.max()) + 1
        with self.progress.task("folds", n_folds + 1, "fits") as done:
            for number in range(n_folds):
                inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
                rng = np.random.default_rng([self.seed, number])
                train = documents.take(inside), y[inside]
                classifier = self._fit(train, None, rng, Silent(), f"fold-{number}")
                scores[outside] = classifier.decision(documents.take(outside)).values
                done(1)
            rng = np.random.default_rng(self.seed)
            classifier = self._fit(everything, None, rng, Silent(), "everything")
            done(1)
        return HeldOut(scores, y, np.arange(len(y)), classifier)

    def refit(self, classifier: Classifier, train: Valid, valid: Valid) -> Classifier:
        """Fit on train and valid together, from where the classifier stands if it can.

        Parameters
        ----------
        classifier : Classifier
            Fitted on train; may be changed.
        train : Valid
            Documents and class indices.
        valid : Valid
            Documents and class indices.

        Returns
        -------
        Classifier
            Fitted on both.
        """
        rng = np.random.default_rng([self.seed, 1])
        if isinstance(classifier, Refittable):
            return classifier.refit(*valid, rng=rng, progress=self.progress)
        both = train[0].extended(valid[0]), np.concatenate([train[1], valid[1]])
        return self._fit(both, None, rng, self.progress, "refit")

    def _fit(
        self,
        train: Valid,
        valid: Valid | None,
        rng: np.random.Generator,
        progress: Progress,
        name: str,
    ) -> Classifier:
        classifier = self.family.create(self.params, self.labels)
        if isinstance(classifier, Epochal) and self.checkpoints is not None:
            classifier.checkpoints = self.checkpoints / name
        return classifier.fit(
            *train, n_classes=self.n_classes, valid=valid, rng=rng, progress=progress
        )


def _folds(y: Indices, groups: Indices | None, seed: int) -> Indices:
    return deal(y, groups, n_folds=N_FOLDS, seed=seed)
