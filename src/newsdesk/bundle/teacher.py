"""Teachers: models whose probabilities others learn, for texts that they have not learnt."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from newsdesk import store
from newsdesk.bundle.columns import columns_of
from newsdesk.bundle.composed import Material
from newsdesk.bundle.door import Bundle
from newsdesk.bundle.folds import deal
from newsdesk.bundle.holdout import N_FOLDS
from newsdesk.errors import DataError
from newsdesk.models.neural.checkpoints import Checkpoint, State, digest
from newsdesk.types import Documents, Floats, Indices, LabelSet, Progress

__all__ = ["Answers", "ask_bundle", "train_out_of_fold"]

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "onnxruntime")
"""Other versions may give other answers."""


class Answers(NamedTuple):
    """What a teacher says of texts that it has not learnt, calibrated, and how long that took."""

    train: Floats | None
    """Of the train rows, shape ``(n, n_classes)``; None where the teacher has learnt them."""
    valid: Floats | None
    """Of the valid rows, shape ``(n_valid, n_classes)``; None where it was not asked."""
    unlabelled: Floats | None
    """Of texts without label, shape ``(m, n_classes)``; None where there are none."""
    seconds: float
    """Wall time of training the teacher and of asking it."""


def train_out_of_fold(
    family: str,
    params: Any,  # noqa: ANN401  the family's Params
    material: Material,
    *,
    unlabelled: Documents | None,
    key: str,
) -> Answers:
    """Train a family on each four fifths of the train rows, and ask it about the last fifth.

    Each of the five models watches the valid rows and is calibrated on them; none learns them. For
    valid rows and texts without label, which none of the five has learnt, the mean of their
    probabilities is the answer: it is no worse than that of one model of all train rows, which
    would take a sixth training.

    Parameters
    ----------
    family : str
        A name of the registry.
    params : Any
        The family's Params.
    material : Material
        What to learn from; ``checkpoints`` is the folder where what is done is kept.
    unlabelled : Documents | None
        m texts without label.
    key : str
        Tells these rows, their division and these texts from others: kept answers of another key
        are not taken.

    Returns
    -------
    Answers
        Of all rows and texts.

    Raises
    ------
    DataError
        If there are no valid rows, or all train rows are of one group.
    """
    documents, y = material.train
    if material.valid is None or not len(material.valid[1]):
        problem = "There are no valid rows to train a teacher with."
        raise DataError(problem, remedy="Split some off, or train without a teacher.")
    held = material.valid[0]
    groups = np.arange(len(material.y)) if material.groups is None else material.groups
    fold = deal(y, groups[: len(y)], n_folds=N_FOLDS, seed=material.seed)
    if not fold.any():
        problem = f"All {len(y):,} train rows belong to one group: a teacher would learn all."
        raise DataError(problem, remedy="Give rows of at least two groups.")
    n_folds = int(fold.max()) + 1
    everybody = [held] if unlabelled is None else [held, unlabelled]
    shape = len(material.labels)
    own = np.zeros((len(y), shape), dtype=np.float32)
    means = [np.zeros((len(texts), shape), dtype=np.float32) for texts in everybody]
    facts = [family, params, key, material.cleaner, material.seed, fold, store.versions(_LIBRARIES)]
    seconds = 0.0
    with material.progress.task(f"teacher {family}", n_folds, "fits") as done:
        for number in range(n_folds):
            outside = np.flatnonzero(fold == number)
            home = material.checkpoints and material.checkpoints / f"fold-{number}"
            part = _part(material, np.flatnonzero(fold != number), groups, home)
            asked = [documents.take(outside), *everybody]
            found = _kept(
                partial(_trained, family, params, part, asked), home, digest(number, *facts)
            )
            own[outside], *others = found.proba
            for mean, proba in zip(means, others, strict=True):
                mean += proba / np.float32(n_folds)
            seconds += found.seconds
            done(1)
    return Answers(own, means[0], means[1] if unlabelled is not None else None, seconds)


def _part(material: Material, inside: Indices, groups: Indices, home: Path | None) -> Material:
    """What one of the models learns from."""
    documents, y = material.train
    return replace(
        material,
        train=(documents.take(inside), y[inside]),
        groups=np.concatenate([groups[inside], groups[len(y) :]]),
        refit=False,
        fingerprint="",
        checkpoints=home,
        small=0,  # out of fold, it would learn valid rows
        release=False,  # what is read for training need not be read again for the answers
    )


def _trained(
    family: str,
    params: Any,  # noqa: ANN401  the family's Params
    part: Material,
    asked: Sequence[Documents],
) -> list[Floats]:
    fitted = Bundle.fit(
        *part.train,
        labels=part.labels,
        valid=part.valid,
        groups=part.groups,
        family=family,
        params=params,
        cleaner=part.cleaner,
        seed=part.seed,
        refit=part.refit,
        checkpoints=part.checkpoints,
        small=part.small,
        progress=part.progress,
        release=part.release,
    )
    return [fitted.bundle.predict(texts).proba for texts in asked]


def ask_bundle(
    folder: str,
    labels: LabelSet,
    unlabelled: Documents,
    *,
    key: str,
    home: Path | None,
    progress: Progress,
) -> Answers:
    """Ask a bundle that was trained before about texts without label.

    Parameters
    ----------
    folder : str
        Where it stands.
    labels : LabelSet
        The classes of the student.
    unlabelled : Documents
        m texts that the bundle has not learnt.
    key : str
        Tells these texts from others: kept answers of another key are not taken.
    home : Path | None
        Folder where what is done is kept; None keeps nothing.
    progress : Progress
        Told of texts.

    Returns
    -------
    Answers
        Of these texts alone, its columns in the order of `labels`.

    Raises
    ------
    LabelError
        If the bundle has other classes.
    BundleError
        If it is no intact bundle.
    InputError
        If the texts share no field with those that it was trained on.
    """
    bundle = Bundle.load(folder)
    columns = columns_of(bundle.labels, labels, folder)

    def answer() -> list[Floats]:
        return [bundle.predict(unlabelled, progress=progress).proba[:, columns]]

    facts = digest(key, bundle.digest, labels.names, store.versions(_LIBRARIES))
    found = _kept(answer, home and home / "bundle", facts)
    return Answers(None, None, found.proba[0], found.seconds)


class _Kept(NamedTuple):
    proba: list[Floats]
    seconds: float


def _kept(answer: Callable[[], list[Floats]], home: Path | None, key: str) -> _Kept:
    """Answers and the seconds that they took: those that an interrupted run has left, if any."""
    place = None if home is None else Checkpoint(home.with_suffix(".safetensors"), key)
    state = None if place is None else place.read()
    if state is not None:
        return _Kept([state.tensors[name] for name in sorted(state.tensors)], **state.facts)
    start = perf_counter()
    found = answer()
    seconds = perf_counter() - start
    if place is not None and home is not None:
        tensors = {str(number): proba for number, proba in enumerate(found)}
        place.write(State(tensors, {"seconds": seconds}))
        shutil.rmtree(home, ignore_errors=True)  # the state of trainings that are over
    return _Kept(found, seconds)
