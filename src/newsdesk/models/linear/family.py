"""The classifier of family ``linear``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from newsdesk.errors import NotFittedError
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, SweepTask, Valid
from newsdesk.models.hashed.machine import Machine
from newsdesk.models.linear.attribution import contributions
from newsdesk.models.linear.params import LinearParams
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress, Span

__all__ = ["Linear"]


@dataclass(frozen=True)
class _Saved:
    """What stands in ``linear.json``."""

    params: LinearParams
    n_classes: int
    n_fields: int


class Linear:
    """Hashed n-grams weighted by tf-idf, one linear machine per class against the rest.

    Parameters
    ----------
    params : LinearParams | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "margins"
    Params: ClassVar[type] = LinearParams

    def __init__(self, params: LinearParams | None = None) -> None:
        self.params = params or LinearParams()
        self._fitted: Machine | None = None

    def fit(
        self,
        documents: Documents,
        y: Indices,
        *,
        n_classes: int,
        valid: Valid | None,  # noqa: ARG002  nothing is stopped early
        rng: np.random.Generator,
        progress: Progress,
    ) -> Self:
        """Train from scratch; see `Classifier.fit`."""
        machine = Machine(self.params, n_classes, len(documents.fields))
        counts = machine.count(documents, progress)
        self._fitted = machine.fit(counts, y, rng=rng, progress=progress)
        return self

    def refit(
        self, documents: Documents, y: Indices, *, rng: np.random.Generator, progress: Progress
    ) -> Self:
        """Fit on all documents, from the duals that `fit` found; see `Refittable`."""
        if self._fitted is None:
            raise NotFittedError("There is no fit to continue.", remedy="Call fit first.")
        self._fitted.refit(documents, y, rng=rng, progress=progress)
        return self

    @classmethod
    def sweep(
        cls,
        documents: Documents,
        y: Indices,
        tasks: Sequence[SweepTask],
        *,
        n_classes: int,
        seed: int,
        progress: Progress,
    ) -> Iterator[tuple[int, Floats]]:
        """Fit many settings on many subsets; see `Sweeping`."""
        from newsdesk.models.linear.sweeping import sweep

        return sweep(documents, y, tasks, n_classes=n_classes, seed=seed, progress=progress)

    def release(self) -> None:
        """Forget what only `refit` needs; see `Refittable`."""
        if self._fitted is not None:
            self._fitted.release()

    @staticmethod
    def warm_up() -> None:
        """Compile the training kernels; see `Warmable`."""
        Machine.warm_up()

    @property
    def machine(self) -> Machine:
        """What was fitted."""
        if self._fitted is None:
            raise NotFittedError(
                "This linear model is not fitted.", remedy="Call fit or load first."
            )
        return self._fitted

    def decision(self, documents: Documents) -> Scores:
        """Margins of all classes; see `Classifier.decision`."""
        return self.machine.decision(documents)

    def predict_proba(self, documents: Documents) -> Floats:
        """Softmax of the margins, uncalibrated; see `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    @property
    def exact(self) -> bool:
        """Always; see `Attributing`."""
        return True

    def attribute(self, documents: Documents, classes: Indices) -> list[list[Span]]:
        """Exact contribution of every word; see `Attributing`."""
        machine = self.machine
        weighting, weights, _ = machine.learnt
        sign = np.ones(len(classes), dtype=np.float32)
        columns = classes
        if machine.n_classes == 2:
            sign, columns = np.where(classes == 1, 1, -1).astype(np.float32), classes * 0
        return contributions(documents, machine.hasher, weighting, weights, columns, sign)

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`; see `Planned`."""
        return Machine(self.params, n_classes, len(documents.fields)).plan(documents)

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        machine = self.machine
        files.write_tensors(directory / "weights.safetensors", machine.tensors)
        saved = _Saved(self.params, machine.n_classes, machine.n_fields)
        files.write_json(directory / "linear.json", saved)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "linear.json", _Saved)
        model = cls(saved.params)
        machine = Machine(saved.params, saved.n_classes, saved.n_fields)
        tensors = files.read_tensors(directory / "weights.safetensors", machine.expected())
        model._fitted = machine.take(tensors)
        return model

    @staticmethod
    def space(suggest: Suggest) -> LinearParams:
        """See `Classifier.space`."""
        return LinearParams(
            C=suggest("C", (0.05, 5.0)),
            min_df=suggest("min_df", [1, 2, 3, 5]),
            word_ngrams=suggest("word_ngrams", [(1, 1), (1, 2), (1, 3)]),
            char_ngrams=suggest("char_ngrams", [None, (4, 5), (3, 5)]),
            class_weight=suggest("class_weight", ["none", "balanced"]),
        )
