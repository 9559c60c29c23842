"""Family ``tfidf-svm``: linear support vector machines, calibrated across folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple, Self

import numpy as np

from newsdesk.config import n_threads
from newsdesk.models.classifier import Suggest
from newsdesk.models.rows import Rows
from newsdesk.models.tfidf.family import Shapes, Task, Tensors, Tfidf, chains
from newsdesk.models.tfidf.params import SvmParams
from newsdesk.predictions import Calibrator
from newsdesk.types import Documents, Floats, Indices, Silent

__all__ = ["TfidfSvm"]

_LEAST_LOG_ODDS = np.float32(-80)
"""Below, a float32 probability and its logarithm would be no normal numbers."""

_TOL = 1e-4
"""Mean step of the dual variables in the last epoch, relative to the first's. On 49,000 headlines
of 34 classes no margin of another row is then further from the optimum's than 3e-4 at C=0.5 and
4e-3 at C=5, and the answers are the same."""


class _Machine(NamedTuple):
    """One-vs-rest machines; a class without rows has zeros."""

    weights: Floats
    """Shape ``(n_features, n_classes)``."""
    bias: Floats
    """Shape ``(n_classes,)``."""


class TfidfSvm(Tfidf[SvmParams]):
    """Published system: TF-IDF of lemmas and CalibratedClassifierCV(LinearSVC(C=0.5), cv=3).

    Of `cv` machines each is fitted on all folds but one, and its margins become probabilities by a
    sigmoid per class (Platt 1999) that is fitted on that one and normalised over the classes. The
    answer is their mean. The machines are those of LinearSVC (L2 penalty, squared hinge, the bias
    as one more penalised weight), found by the compiled solver of `newsdesk.models.descent`.

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
        weights = np.zeros((task.n_features, cv, k), dtype=np.float32)
        bias, slope, offset = (np.zeros((cv, k), dtype=np.float32) for _ in range(3))
        with task.progress.task("machines", cv, "fits") as done:
            for number in range(cv):
                inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
                if not len(outside):  # fewer rows than folds
                    outside = inside
                part = task._replace(rows=task.rows.take(inside), y=task.y[inside])
                (machine,) = _machines([self.params], part)
                weights[:, number], bias[number] = machine
                margins = task.rows.take(outside).times(machine.weights) + machine.bias
                fitted = Calibrator.fit(margins, task.y[outside], "margins")
                slope[number], offset[number] = fitted.slope, fitted.offset
                done(1)
        flat = weights.reshape(task.n_features, cv * k)
        return {"weights": flat, "bias": bias, "slope": slope, "offset": offset}

    @classmethod
    def _sweep(
        cls, models: Sequence[Self], task: Task, held_out: Rows
    ) -> Iterator[tuple[int, Floats]]:
        """Margins of plain machines, each fitted on all rows, as the published search did.

        Calibration takes `cv` times as long and leaves the order of the classes nearly as it is.
        """
        settings = [model.params for model in models]
        for places in chains(settings):
            machines = _machines([settings[place] for place in places], task)
            for place, machine in zip(places, machines, strict=True):
                yield place, held_out.times(machine.weights) + machine.bias

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`, with the dual variables; see `Planned`."""
        duals = 4 * len(documents) * n_classes
        return super().plan(documents, n_classes) + 2 * duals

    @staticmethod
    def warm_up() -> None:
        """Compile the training kernels; see `Warmable`."""
        from newsdesk.models.descent import solver

        solver.warm_up()

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


def _machines(settings: Sequence[SvmParams], task: Task) -> Iterator[_Machine]:
    """Machines of a rising C on the same rows, each from where the one before stopped."""
    from newsdesk.models.descent.descent import Descent
    from newsdesk.models.descent.path import solve_path
    from newsdesk.models.descent.solver import Solver

    k, present = task.n_classes, task.present
    if len(present) < 2:
        for _ in settings:
            yield _Machine(np.zeros((task.n_features, k), np.float32), np.zeros(k, np.float32))
        return
    if k == 2:  # the margins mirror each other: one column tells both
        present = present[1:]
    columns = np.full(k, -1)
    columns[present] = np.arange(len(present))
    descent = Descent(
        "squared_hinge",
        task.rows,
        columns[task.y],
        task.n_features,
        len(present),
        n_threads=n_threads(),
    )
    solutions = solve_path(
        [Solver("squared_hinge", own.C, _TOL, own.max_iter) for own in settings],
        descent,
        np.ones((2, len(present)), dtype=np.float32),
        rng=np.random.default_rng(task.seed),
        progress=Silent(),
    )
    for found in solutions:
        machine = _Machine(np.zeros((task.n_features, k), np.float32), np.zeros(k, np.float32))
        machine.weights[:, present], machine.bias[present] = found.weights, found.bias
        if k == 2:
            machine.weights[:, 0], machine.bias[0] = -machine.weights[:, 1], -machine.bias[1]
        yield machine


def _folds(y: Indices, cv: int, seed: int) -> Indices:
    """Fold of each row, drawn class by class: the published rows had been shuffled before."""
    order = np.random.default_rng(seed).permutation(len(y))
    fold = np.empty(len(y), dtype=np.int64)
    fold[order[np.argsort(y[order], kind="stable")]] = np.arange(len(y)) % cv
    return fold
