"""Family ``tfidf-svm``: linear support vector machines, calibrated across folds."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from newsdesk.config import n_threads
from newsdesk.models.classifier import Suggest
from newsdesk.models.tfidf.family import Shapes, Task, Tensors, Tfidf
from newsdesk.models.tfidf.params import SvmParams
from newsdesk.models.tfidf.rows import Rows
from newsdesk.predictions import Calibrator
from newsdesk.types import Floats, Indices

__all__ = ["TfidfSvm"]

_LEAST_LOG_ODDS = np.float32(-80)
"""Below, a float32 probability and its logarithm would be no normal numbers."""


class TfidfSvm(Tfidf[SvmParams]):
    """Published system: TF-IDF of lemmas and CalibratedClassifierCV(LinearSVC(C=0.5), cv=3).

    Of `cv` machines each is fitted on all folds but one, and its margins become probabilities by a
    sigmoid per class (Platt 1999) that is fitted on that one and normalised over the classes. The
    answer is their mean. The classes' one-vs-rest problems know nothing of each other, so each is a
    fit of its own and the threads share them evenly.

    The logits are logarithms of that mean. `attribute` explains the mean margin of the machines,
    in which contributions add up: with the mean bias they are that margin. The probability rises
    with each machine's margin, but is not linear in it.

    Parameters
    ----------
    params : SvmParams | None
        Settings; None means the defaults.
    """

    Params: ClassVar[type] = SvmParams
    PRIOR: ClassVar[str] = "offset"

    def _solve(self, task: Task, held_out: tuple[Rows, Indices] | None) -> Tensors:  # noqa: ARG002
        cv, k = self.params.cv, task.n_classes
        fold = _folds(task.y, cv, task.seed)
        matrix = task.rows.matrix(task.n_features)
        weights = np.zeros((task.n_features, cv, k), dtype=np.float32)
        bias, slope, offset = (np.zeros((cv, k), dtype=np.float32) for _ in range(3))
        with task.progress.task("machines", cv, "fits") as done:
            for number in range(cv):
                inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
                if not len(outside):  # fewer rows than folds
                    outside = inside
                machines = self._machines(matrix[inside], task.y[inside], task)
                weights[:, number], bias[number] = machines
                margins = matrix[outside] @ machines[0] + machines[1]
                fitted = Calibrator.fit(margins, task.y[outside], "margins")
                slope[number], offset[number] = fitted.slope, fitted.offset
                done(1)
        flat = weights.reshape(task.n_features, cv * k)
        return {"weights": flat, "bias": bias, "slope": slope, "offset": offset}

    def _machines(self, matrix: csr_matrix, y: Indices, task: Task) -> tuple[Floats, Floats]:
        """Weights and biases of one-vs-rest machines; a class without rows has zeros."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.svm import LinearSVC

        matrix = matrix.astype(np.float64)  # once, not for each class
        k = task.n_classes
        weights = np.zeros((task.n_features, k), dtype=np.float32)
        bias = np.zeros(k, dtype=np.float32)

        def solve(index: int) -> None:
            params = self.params
            # LIBLINEAR's dual solver draws from one generator of the whole process, so that threads
            # would disturb each other. The primal one finds the same optimum and draws nothing.
            machine = LinearSVC(C=params.C, max_iter=params.max_iter, dual=False)
            machine.fit(matrix, y == index)
            weights[:, index], bias[index] = machine.coef_[0], machine.intercept_[0]

        present = np.unique(y).tolist()
        classes = present[-1:] if k == 2 else present
        with warnings.catch_warnings(), ThreadPoolExecutor(n_threads()) as pool:
            # To stop at max_iter is what the setting asks for.
            warnings.simplefilter("ignore", ConvergenceWarning)
            list(pool.map(solve, classes if len(present) > 1 else []))
        if k == 2:  # the margins mirror each other
            weights[:, 0], bias[0] = -weights[:, 1], -bias[1]
        return weights, bias

    @classmethod
    def _sweep(
        cls, models: Sequence[Self], task: Task, held_out: Rows
    ) -> Iterator[tuple[int, Floats]]:
        """Margins of plain machines, each fitted on all rows, as the published search did.

        Calibration takes `cv` times as long and leaves the order of the classes nearly as it is.
        """
        matrix = task.rows.matrix(task.n_features)
        for place, model in enumerate(models):
            weights, bias = model._machines(matrix, task.y, task)
            yield place, held_out.times(weights) + bias

    def _logits(self, rows: Rows) -> Floats:
        tensors = self._tensors
        margins = rows.times(tensors["weights"])
        z = margins.reshape(rows.n, *tensors["bias"].shape) + tensors["bias"]
        z = z * tensors["slope"] + tensors["offset"]
        np.maximum(z, _LEAST_LOG_ODDS, out=z)
        proba = 1 / (1 + np.exp(-z))
        proba /= np.add.reduce(proba, axis=2, keepdims=True)
        logits: Floats = np.log(np.add.reduce(proba, axis=1) / np.float32(self.params.cv))
        return logits

    def _slopes(self, row: Rows, index: int) -> Floats:
        weights = self._tensors["weights"][row.indices]
        machines: Floats = weights.reshape(len(weights), self.params.cv, self.n_classes)[..., index]
        mean: Floats = machines.mean(axis=1)
        return mean

    @staticmethod
    def _shapes(params: SvmParams, n_features: int, n_classes: int) -> Shapes:
        machine = params.cv, n_classes
        weights = n_features, params.cv * n_classes
        return {"weights": weights, "bias": machine, "slope": machine, "offset": machine}

    @classmethod
    def space(cls, suggest: Suggest) -> SvmParams:
        """See `Classifier.space`."""
        return SvmParams(**cls._text_space(suggest), C=suggest("C", (0.05, 5.0)))


def _folds(y: Indices, cv: int, seed: int) -> Indices:
    """Fold of each row, drawn class by class: the published rows had been shuffled before."""
    fold = np.empty(len(y), dtype=np.int64)
    counts = np.bincount(y)
    if ((counts > 0) & (counts < cv)).any():  # scikit-learn deals no class that lacks rows
        order = np.random.default_rng(seed).permutation(len(y))
        fold[order[np.argsort(y[order], kind="stable")]] = np.arange(len(y)) % cv
        return fold
    from sklearn.model_selection import StratifiedKFold

    drawn = StratifiedKFold(cv, shuffle=True, random_state=seed)
    for number, (_, outside) in enumerate(drawn.split(np.zeros(len(y)), y)):
        fold[outside] = number
    return fold
