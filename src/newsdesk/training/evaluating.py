"""A saved bundle on labelled rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from newsdesk.bundle import Bundle
from newsdesk.data.corpus import Corpus
from newsdesk.errors import LabelError
from newsdesk.evaluation.metrics import Metrics, measure
from newsdesk.predictions import Predictions
from newsdesk.types import Progress

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What `evaluate` found.

    Parameters
    ----------
    metrics : Metrics
        On the rows whose label the bundle knows.
    predictions : Predictions
        Of all rows.
    n_unseen_label : int
        Rows whose label is no class of the bundle; they cannot be right and are not measured.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    """

    metrics: Metrics
    predictions: Predictions
    n_unseen_label: int
    notes: tuple[str, ...]


def evaluate(
    bundle: Bundle, corpus: Corpus, *, seed: int = 0, progress: Progress | None = None
) -> Evaluation:
    """Measure a bundle on a labelled corpus.

    Parameters
    ----------
    bundle : Bundle
        The bundle.
    corpus : Corpus
        Labelled rows; ones that the bundle was trained on flatter it.
    seed : int
        Of the bootstrap.
    progress : Progress | None
        Told of the predictions.

    Returns
    -------
    Evaluation
        Metrics with intervals.

    Raises
    ------
    LabelError
        If no row has a label that the bundle knows.
    """
    names = np.array([bundle.labels.find(name) for name in corpus.labels] + [-1], dtype=np.int64)
    y = names[corpus.y]
    known = np.flatnonzero(y >= 0)
    n_unseen = len(y) - len(known)
    if not len(known):
        problem = f"None of the {len(y):,} rows has a label that the bundle knows."
        raise LabelError(problem, remedy=f"Its classes are: {', '.join(bundle.labels)}.")
    predictions = bundle.predict(corpus.documents, progress=progress)
    metrics = measure(
        predictions.proba[known],
        y[known],
        bundle.labels,
        clusters=corpus.duplicate_clusters[known],
        threshold=bundle.calibrator.threshold,
        seed=seed,
    )
    notes = []
    if n_unseen:
        unseen = [name for name in corpus.labels if bundle.labels.find(name) < 0]
        notes.append(
            f"{n_unseen:,} rows carry labels that the bundle does not know "
            f"({', '.join(unseen[:5])}{' …' if len(unseen) > 5 else ''}); they are not measured."
        )
    if corpus.fingerprint == bundle.fingerprint:
        notes.append("This is the corpus of the training run: most rows were seen in training.")
    return Evaluation(metrics, predictions, n_unseen, tuple(notes))
