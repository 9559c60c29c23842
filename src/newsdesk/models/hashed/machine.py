"""Linear machines on hashed n-grams, and on dense numbers beside them where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from newsdesk.config import n_threads
from newsdesk.errors import BundleFormatError, DivergedError, NotFittedError
from newsdesk.features.ngrams import Counts
from newsdesk.models.hashed.params import HashedParams
from newsdesk.models.hashed.weighting import Weighting
from newsdesk.predictions import Scores
from newsdesk.types import Documents, Floats, Indices, Progress

if TYPE_CHECKING:
    from newsdesk.models.descent.solver import Duals

__all__ = ["Machine"]

_CHUNK = 4096


class _Training(NamedTuple):
    """What `Machine.fit` keeps for `Machine.refit`."""

    counts: Counts
    vectors: Floats | None
    y: Indices
    duals: Duals


class _Learnt(NamedTuple):
    """What a fit has found."""

    weighting: Weighting
    weights: Floats
    bias: Floats


class Machine:
    """One linear machine per class against the rest.

    Training is dual coordinate descent in compiled code (`newsdesk.models.descent`);
    prediction is NumPy and SciPy alone.

    Parameters
    ----------
    params : HashedParams
        Settings.
    n_classes : int
        Number of classes.
    n_fields : int
        Text fields of a document.
    width : int
        Dense numbers of a document; 0 for none.
    """

    def __init__(self, params: HashedParams, n_classes: int, n_fields: int, width: int = 0) -> None:
        self.params = params
        self.n_classes, self.n_fields, self.width = n_classes, n_fields, width
        self.hasher = params.hasher(n_fields)
        self._learnt: _Learnt | None = None
        self._training: _Training | None = None

    def count(self, documents: Documents, progress: Progress) -> Counts:
        """Count the n-grams that `fit` learns from.

        Parameters
        ----------
        documents : Documents
            n documents.
        progress : Progress
            Told of documents.

        Returns
        -------
        Counts
            Of n documents; machines of the same settings count alike.
        """
        return self.hasher.count_all(documents, n_threads=n_threads(), progress=progress)

    def fit(
        self,
        counts: Counts,
        y: Indices,
        *,
        rng: np.random.Generator,
        progress: Progress,
        vectors: Floats | None = None,
    ) -> Self:
        """Train from scratch.

        Parameters
        ----------
        counts : Counts
            From `count`, of n documents.
        y : Indices
            Class indices, shape ``(n,)``.
        rng : np.random.Generator
            Source of every random draw.
        progress : Progress
            Told of long work.
        vectors : Floats | None
            Dense numbers, shape ``(n, width)``.

        Returns
        -------
        Self
            This object.

        Raises
        ------
        DivergedError
            If a weight is not finite.
        """
        self._solve(counts, vectors, y, None, rng, progress)
        return self

    def refit(
        self,
        documents: Documents,
        y: Indices,
        *,
        rng: np.random.Generator,
        progress: Progress,
        vectors: Floats | None = None,
    ) -> Self:
        """Fit on the documents of `fit` and these, from the duals that `fit` found.

        Parameters
        ----------
        documents : Documents
            Further documents.
        y : Indices
            Their class indices.
        rng : np.random.Generator
            Source of every random draw.
        progress : Progress
            Told of long work.
        vectors : Floats | None
            Their dense numbers.

        Returns
        -------
        Self
            This object.

        Raises
        ------
        NotFittedError
            Without a `fit` in the same process before.
        """
        if self._training is None:
            raise NotFittedError("There is no fit to continue.", remedy="Call fit first.")
        counts, old_vectors, old_y, duals = self._training
        self._training = None  # the old counts are freed before the solver needs the room
        counts = counts.extended(self.count(documents, progress))
        if vectors is not None and old_vectors is not None:
            vectors = np.concatenate([old_vectors, vectors])
        # Features and document frequencies are learnt anew; the duals of old documents are a
        # feasible start, so that one or two epochs do what takes five from zero.
        self._solve(counts, vectors, np.concatenate([old_y, y]), duals, rng, progress)
        return self

    def release(self) -> None:
        """Forget what only `refit` needs."""
        self._training = None

    def _solve(
        self,
        counts: Counts,
        vectors: Floats | None,
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
            block_weights=params.block_weights(self.hasher),
        )
        rows = weighting.apply(counts, n_threads=n_threads())
        if vectors is not None:
            rows = rows.beside(vectors, len(weighting.idf))
        # With two classes the margins mirror each other: one column tells both.
        columns = y if self.n_classes > 2 else y - 1
        costs = params.costs(y, self.n_classes)
        solver = Solver(params.loss, params.C, params.tol, params.max_epochs)
        found = solver.solve(
            rows,
            columns,
            len(weighting.idf) + self.width,
            costs,
            rng=rng,
            n_threads=n_threads(),
            progress=progress,
            start=start,
        )
        # Half precision halves the bundle; rounding now, not at save, keeps what is measured and
        # what is shipped the same to the bit.
        weights = found.weights.astype(np.float16).astype(np.float32)
        if not np.isfinite(weights).all():
            problem = f"Training with C={params.C} gave weights beyond half precision (65,504)."
            raise DivergedError(problem, remedy="Lower C.")
        self._learnt = _Learnt(weighting, weights, found.bias)
        self._training = _Training(counts, vectors, y, found.duals)

    @staticmethod
    def warm_up() -> None:
        """Compile the training kernels, or read them from the disk cache."""
        from newsdesk.models.descent import solver

        solver.warm_up()

    @property
    def learnt(self) -> _Learnt:
        """The features, their weights, shape ``(n_features + width, n_columns)``, and the bias."""
        if self._learnt is None:
            problem = f"This {self.params.family} model is not fitted."
            raise NotFittedError(problem, remedy="Call fit or load first.")
        return self._learnt

    def decision(self, documents: Documents, vectors: Floats | None = None) -> Scores:
        """Margins of all classes.

        Parameters
        ----------
        documents : Documents
            n documents.
        vectors : Floats | None
            Their dense numbers, shape ``(n, width)``.

        Returns
        -------
        Scores
            Shape ``(n, n_classes)``; a row depends on no other document.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        n = len(documents)
        if n <= _CHUNK:
            return self._decide(documents, vectors)
        from concurrent.futures import ThreadPoolExecutor

        def decide(at: int) -> Scores:
            stop = min(at + _CHUNK, n)
            own = None if vectors is None else vectors[at:stop]
            return self._decide(documents.slice(at, stop), own)

        with ThreadPoolExecutor(n_threads()) as pool:
            parts = list(pool.map(decide, range(0, n, _CHUNK)))
        return Scores(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.low_evidence for part in parts]),
        )

    def _decide(self, documents: Documents, vectors: Floats | None) -> Scores:
        weighting, weights, bias = self.learnt
        rows = weighting.apply(self.hasher.count(documents))
        blank = rows.indptr[1:] == rows.indptr[:-1]
        if vectors is not None:
            rows = rows.beside(vectors, len(weighting.idf))
        margins = rows.times(weights) + bias
        if self.n_classes == 2:
            margins = np.concatenate([-margins, margins], axis=1)
        return Scores(margins, blank)

    def plan(self, documents: Documents) -> int:
        """Estimate the peak memory of `fit` from the n-grams of a sample.

        Parameters
        ----------
        documents : Documents
            The training documents.

        Returns
        -------
        int
            Bytes.
        """
        n, params = len(documents), self.params
        sample = documents.take(np.linspace(0, n - 1, min(n, 2000), dtype=np.int64))
        counts = self.hasher.count(sample)
        per_document = len(counts.slots) / max(counts.n, 1)
        nnz = int(per_document * n)
        columns = self.n_classes if self.n_classes > 2 else 1
        slots = self.hasher.n_blocks << params.bits
        # Heaps' law bounds distinct n-grams by about their number; min_df keeps a third at most.
        n_features = min(slots, nnz // (3 if params.min_df > 1 else 1))
        counting = nnz * (4 + 2) * 2
        solving = nnz * (4 + 2) + nnz * (4 + 4) * 2 + 4 * columns * (2 * n_features + 2 * n)
        dense = n * self.width * (4 + 8 + 2)
        return max(counting, solving + dense) + slots * 12

    @property
    def tensors(self) -> dict[str, NDArray[Any]]:
        """What is saved."""
        weighting, weights, bias = self.learnt
        return {
            "weights": weights.astype(np.float16),
            "bias": bias,
            "slots": weighting.slots,
            "idf": weighting.idf,
        }

    def expected(self) -> dict[str, tuple[type[np.generic], tuple[int | None, ...]]]:
        """Type and shape of what is saved, as `newsdesk.models.files.read_tensors` takes them.

        Returns
        -------
        dict[str, tuple[type[np.generic], tuple[int | None, ...]]]
            By name.
        """
        n_columns = self.n_classes if self.n_classes > 2 else 1
        return {
            "weights": (np.float16, (None, n_columns)),
            "bias": (np.float32, (n_columns,)),
            "slots": (np.int32, (None,)),
            "idf": (np.float32, (None,)),
        }

    def take(self, tensors: dict[str, NDArray[Any]]) -> Self:
        """Take in what was saved.

        Parameters
        ----------
        tensors : dict[str, NDArray[Any]]
            As `expected`.

        Returns
        -------
        Self
            This object; it gives the same bits as the one that was saved.

        Raises
        ------
        BundleFormatError
            If the tensors do not fit together.
        """
        slots: NDArray[np.int32] = tensors["slots"]
        n_features = len(slots)
        fits = len(tensors["idf"]) == n_features == len(tensors["weights"]) - self.width
        n_slots = self.hasher.n_blocks << self.params.bits
        if not fits or (n_features and (slots.min() < 0 or slots.max() >= n_slots)):
            problem = "weights.safetensors: the feature table does not fit the weights."
            remedy = "Train the bundle again, or fetch an intact copy."
            raise BundleFormatError(problem, remedy=remedy)
        weighting = Weighting(
            slots, tensors["idf"], self.params.bits, self.params.block_weights(self.hasher)
        )
        self._learnt = _Learnt(weighting, tensors["weights"].astype(np.float32), tensors["bias"])
        return self
