"""The classifier of family ``linear``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from newsdesk.config import n_threads
from newsdesk.errors import BundleFormatError, DivergedError, NotFittedError
from newsdesk.features.ngrams import Counts, NgramHasher
from newsdesk.models import files
from newsdesk.models.classifier import Suggest, SweepTask, Valid
from newsdesk.models.linear.attribution import contributions
from newsdesk.models.linear.params import LinearParams
from newsdesk.models.linear.weighting import Weighting
from newsdesk.predictions import Output, Scores, softmax
from newsdesk.types import Documents, Floats, Indices, Progress, Span

if TYPE_CHECKING:
    from newsdesk.models.descent.solver import Duals

__all__ = ["Linear"]

_CHUNK = 4096


@dataclass(frozen=True)
class _Saved:
    """What stands in ``linear.json``."""

    params: LinearParams
    n_classes: int
    n_fields: int


class _Training(NamedTuple):
    """What `Linear.fit` keeps for `Linear.refit`."""

    counts: Counts
    y: Indices
    duals: Duals


class Linear:
    """Hashed n-grams weighted by tf-idf, one linear machine per class against the rest.

    Training is dual coordinate descent in compiled code (`newsdesk.models.descent`);
    prediction is NumPy and SciPy alone.

    Parameters
    ----------
    params : LinearParams | None
        Settings; None means the defaults.
    """

    output: ClassVar[Output] = "margins"
    Params: ClassVar[type] = LinearParams

    def __init__(self, params: LinearParams | None = None) -> None:
        self.params = params or LinearParams()
        self.n_classes = 0
        self.n_fields = 0
        self._hasher = NgramHasher()
        self._weighting: Weighting | None = None
        self._weights: Floats | None = None
        self._bias: Floats | None = None
        self._training: _Training | None = None

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
        self.n_classes, self.n_fields = n_classes, len(documents.fields)
        self._hasher = self.params.hasher(self.n_fields)
        counts = self._hasher.count_all(documents, n_threads=n_threads(), progress=progress)
        self._solve(counts, y, None, rng, progress)
        return self

    def refit(
        self, documents: Documents, y: Indices, *, rng: np.random.Generator, progress: Progress
    ) -> Self:
        """Fit on all documents, from the duals that `fit` found; see `Refittable`."""
        if self._training is None:
            raise NotFittedError("There is no fit to continue.", remedy="Call fit first.")
        counts, old_y, duals = self._training
        self._training = None  # the old counts are freed before the solver needs the room
        counts = counts.extended(
            self._hasher.count_all(documents, n_threads=n_threads(), progress=progress)
        )
        # Features and document frequencies are learnt anew; the duals of old documents are a
        # feasible start, so that one or two epochs do what takes five from zero.
        self._solve(counts, np.concatenate([old_y, y]), duals, rng, progress)
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
        self._training = None

    def _solve(
        self,
        counts: Counts,
        y: Indices,
        start: Duals | None,
        rng: np.random.Generator,
        progress: Progress,
    ) -> None:
        from newsdesk.models.descent.solver import Solver

        params = self.params
        weighting = Weighting.fit(
            counts,
            bits=params.bits,
            min_df=params.min_df,
            block_weights=params.block_weights(self._hasher),
        )
        rows = weighting.apply(counts, n_threads=n_threads())
        # With two classes the margins mirror each other: one column tells both.
        columns = y if self.n_classes > 2 else y - 1
        costs = params.costs(y, self.n_classes)
        solver = Solver(params.loss, params.C, params.tol, params.max_epochs)
        found = solver.solve(
            rows,
            columns,
            len(weighting.idf),
            costs,
            rng=rng,
            n_threads=n_threads(),
            progress=progress,
            start=start,
        )
        self._weighting = weighting
        # Half precision halves the bundle; rounding now, not at save, keeps what is measured and
        # what is shipped the same to the bit.
        self._weights = found.weights.astype(np.float16).astype(np.float32)
        if not np.isfinite(self._weights).all():
            problem = f"Training with C={params.C} gave weights beyond half precision (65,504)."
            raise DivergedError(problem, remedy="Lower C.")
        self._bias = found.bias
        self._training = _Training(counts, y, found.duals)

    @staticmethod
    def warm_up() -> None:
        """Compile the training kernels; see `Warmable`."""
        from newsdesk.models.descent import solver

        solver.warm_up()

    def _fitted(self) -> tuple[Weighting, Floats, Floats]:
        if self._weighting is None or self._weights is None or self._bias is None:
            raise NotFittedError(
                "This linear model is not fitted.", remedy="Call fit or load first."
            )
        return self._weighting, self._weights, self._bias

    def decision(self, documents: Documents) -> Scores:
        """Margins of all classes; see `Classifier.decision`."""
        n = len(documents)
        if n <= _CHUNK:
            return self._decide(documents)
        from concurrent.futures import ThreadPoolExecutor

        chunks = [documents.slice(at, min(at + _CHUNK, n)) for at in range(0, n, _CHUNK)]
        with ThreadPoolExecutor(n_threads()) as pool:
            parts = list(pool.map(self._decide, chunks))
        return Scores(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.low_evidence for part in parts]),
        )

    def _decide(self, documents: Documents) -> Scores:
        weighting, weights, bias = self._fitted()
        rows = weighting.apply(self._hasher.count(documents))
        margins = rows.times(weights) + bias
        if self.n_classes == 2:
            margins = np.concatenate([-margins, margins], axis=1)
        return Scores(margins, rows.indptr[1:] == rows.indptr[:-1])

    def predict_proba(self, documents: Documents) -> Floats:
        """Softmax of the margins, uncalibrated; see `Classifier.predict_proba`."""
        return softmax(self.decision(documents).values)

    def attribute(self, documents: Documents, classes: Indices) -> list[list[Span]]:
        """Exact contribution of every word; see `Attributing`."""
        weighting, weights, _ = self._fitted()
        sign = np.ones(len(classes), dtype=np.float32)
        columns = classes
        if self.n_classes == 2:
            sign, columns = np.where(classes == 1, 1, -1).astype(np.float32), classes * 0
        return contributions(documents, self._hasher, weighting, weights, columns, sign)

    def plan(self, documents: Documents, n_classes: int) -> int:
        """Estimated peak memory of `fit`, from the n-grams of a sample; see `Planned`."""
        n = len(documents)
        sample = documents.take(np.linspace(0, n - 1, min(n, 2000), dtype=np.int64))
        hasher = self.params.hasher(len(documents.fields))
        counts = hasher.count(sample)
        per_document = len(counts.slots) / max(counts.n, 1)
        nnz = int(per_document * n)
        columns = n_classes if n_classes > 2 else 1
        slots = hasher.n_blocks << self.params.bits
        # Heaps' law bounds distinct n-grams by about their number; min_df keeps a third at most.
        n_features = min(slots, nnz // (3 if self.params.min_df > 1 else 1))
        counting = nnz * (4 + 2) * 2
        solving = nnz * (4 + 2) + nnz * (4 + 4) * 2 + 4 * columns * (2 * n_features + 2 * n)
        return max(counting, solving) + slots * 12

    def save(self, directory: Path) -> None:
        """See `Classifier.save`."""
        weighting, weights, bias = self._fitted()
        files.write_tensors(
            directory / "weights.safetensors",
            {
                "weights": weights.astype(np.float16),
                "bias": bias,
                "slots": weighting.slots,
                "idf": weighting.idf,
            },
        )
        saved = _Saved(self.params, self.n_classes, self.n_fields)
        files.write_json(directory / "linear.json", saved)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """See `Classifier.load`."""
        saved = files.read_json(directory / "linear.json", _Saved)
        model = cls(saved.params)
        model.n_classes, model.n_fields = saved.n_classes, saved.n_fields
        n_columns = saved.n_classes if saved.n_classes > 2 else 1
        shapes: dict[str, tuple[type[np.generic], tuple[int | None, ...]]] = {
            "weights": (np.float16, (None, n_columns)),
            "bias": (np.float32, (n_columns,)),
            "slots": (np.int32, (None,)),
            "idf": (np.float32, (None,)),
        }
        tensors = files.read_tensors(directory / "weights.safetensors", shapes)
        slots: NDArray[np.int32] = tensors["slots"]
        hasher = model._hasher = saved.params.hasher(saved.n_fields)
        _check_slots(slots, hasher.n_blocks << saved.params.bits, tensors)
        model._weighting = Weighting(
            slots, tensors["idf"], saved.params.bits, saved.params.block_weights(hasher)
        )
        model._weights = tensors["weights"].astype(np.float32)
        model._bias = tensors["bias"]
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


def _check_slots(slots: NDArray[np.int32], n_slots: int, tensors: dict[str, NDArray]) -> None:  # type: ignore[type-arg]
    sizes = {len(tensors[name]) for name in ("weights", "slots", "idf")}
    inside = not len(slots) or (slots.min() >= 0 and slots.max() < n_slots)
    if len(sizes) != 1 or not inside:
        problem = "weights.safetensors: the feature table does not fit the weights."
        raise BundleFormatError(problem, remedy="Train the bundle again, or fetch an intact copy.")
