"""Predictions on rows that a classifier has not seen: what choice and calibration rest on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from newsdesk.bundle.folds import deal
from newsdesk.bundle.teaching import Teaching
from newsdesk.errors import DataError
from newsdesk.models import registry
from newsdesk.models.classifier import Classifier, Epochal, Refittable, Valid
from newsdesk.models.soft_targets import SoftTargets, Teachable
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
    out_of_fold : bool
        Whether they are.
    """

    scores: Floats
    y: Indices
    rows: Indices
    classifier: Classifier
    out_of_fold: bool


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
    teaching : Teaching | None
        What is learnt besides the labels, by a family that is `Teachable`.
    """

    family: registry.Family
    params: Any
    labels: LabelSet
    seed: int
    progress: Progress
    checkpoints: Path | None = None
    teaching: Teaching | None = None

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.labels)

    @cached_property
    def is_long(self) -> bool:
        """Whether the family trains in epochs, and not briefly; see `Epochal`."""
        classifier = self.family.create(self.params)
        return isinstance(classifier, Epochal) and not classifier.brief

    def hold_out(
        self, train: Valid, valid: Valid | None, groups: Indices | None, small: int
    ) -> HeldOut:
        """Score valid, or every row out of fold where valid is missing or too small.

        Long trainings watch valid however small it is. So do taught ones: a teacher has learnt
        from train, so that its answers tell of the labels of other train rows than their own, and
        no train row would be new to a student that learns those answers.

        Parameters
        ----------
        train : Valid
            Documents and class indices.
        valid : Valid | None
            Documents and class indices held out; None where there are none.
        groups : Indices | None
            Rows of train followed by valid that share a number stay in one fold.
        small : int
            Below so many rows valid is too small.

        Returns
        -------
        HeldOut
            Scores of the valid rows, or of all.

        Raises
        ------
        DataError
            If all rows are of one group, or a taught training has no valid rows.
        """
        if valid is None and self.teaching is not None:
            problem = "There are no valid rows to measure a student by."
            raise DataError(problem, remedy="Split some off, or train without a teacher.")
        if valid is None:
            return self.out_of_fold(train, groups)
        enough = len(train[1]) + len(valid[1]) >= small
        if enough or self.is_long or self.teaching is not None:
            return self.on_valid(train, valid)
        return self.out_of_fold(_together(train, valid), groups)

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
        learnt, soft = train, None
        if self.teaching is not None:
            learnt, soft = self.teaching.with_unlabelled(train, self.n_classes)
        classifier = self._fit(learnt, valid, rng, self.progress, "valid", soft)
        scores = classifier.decision(valid[0]).values
        n_train = len(train[1])
        rows = np.arange(n_train, n_train + len(valid[1]))
        return HeldOut(scores, valid[1], rows, classifier, out_of_fold=False)

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
        return HeldOut(scores, y, np.arange(len(y)), classifier, out_of_fold=True)

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
        learnt, soft, more = train, None, None
        if self.teaching is not None:
            more = self.teaching.of_valid(valid, self.n_classes)
        if isinstance(classifier, Refittable):
            _teach(classifier, more)
            return classifier.refit(*valid, rng=rng, progress=self.progress)
        if self.teaching is not None and more is not None:
            learnt, soft = self.teaching.with_unlabelled(train, self.n_classes)
            soft = soft.extended(more)
        return self._fit(_together(learnt, valid), None, rng, self.progress, "refit", soft)

    def _fit(
        self,
        train: Valid,
        valid: Valid | None,
        rng: np.random.Generator,
        progress: Progress,
        name: str,
        soft: SoftTargets | None = None,
    ) -> Classifier:
        classifier = self.family.create(self.params, self.labels)
        _teach(classifier, soft)
        if isinstance(classifier, Epochal) and self.checkpoints is not None:
            classifier.checkpoints = self.checkpoints / name
        return classifier.fit(
            *train, n_classes=self.n_classes, valid=valid, rng=rng, progress=progress
        )


def _teach(classifier: Classifier, soft: SoftTargets | None) -> None:
    if soft is not None:
        assert isinstance(classifier, Teachable), "other families are refused before"
        classifier.soft_targets = soft


def _together(rows: Valid, more: Valid) -> Valid:
    return rows[0].extended(more[0]), np.concatenate([rows[1], more[1]])


def _folds(y: Indices, groups: Indices | None, seed: int) -> Indices:
    return deal(y, groups, n_folds=N_FOLDS, seed=seed)
