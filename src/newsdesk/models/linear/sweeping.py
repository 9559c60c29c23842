"""Many settings on many subsets of the same documents: counted once, then solved along C.

The n-grams of all documents are hashed and counted once for each way to hash. Document frequencies,
features and weights are learnt from the train rows of each task alone. Tasks that differ in nothing
but C are solved from the lowest C up, each from the duals of the one before. Every thread has a
chain of its own: that is nearly half as fast again as all threads on one fit, because the weights
of a feature are then fetched by one thread and not by all. Held-out rows are scored with weights in
single precision, not rounded to the half precision of a bundle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from newsdesk.config import available_memory, n_threads
from newsdesk.features.ngrams import Counts, NgramHasher
from newsdesk.models.classifier import SweepTask
from newsdesk.models.descent.descent import Descent
from newsdesk.models.descent.path import solve_path
from newsdesk.models.descent.solver import Solution, Solver
from newsdesk.models.hashed.weighting import Weighting
from newsdesk.models.linear.concurrency import side_by_side
from newsdesk.models.linear.params import LinearParams
from newsdesk.models.rows import Rows
from newsdesk.types import Documents, Floats, Indices, Progress

__all__ = ["sweep"]

_LARGEST = float(np.finfo(np.float16).max)
"""Weights are kept in half precision."""


@dataclass(frozen=True, eq=False)
class _Chain:
    """Tasks of the same rows and settings but for C."""

    params: LinearParams
    train: Indices
    held_out: Indices
    steps: list[tuple[float, int]]
    """C and number of each task, rising."""


def sweep(
    documents: Documents,
    y: Indices,
    tasks: Sequence[SweepTask],
    *,
    n_classes: int,
    seed: int,
    progress: Progress,
) -> Iterator[tuple[int, Floats]]:
    """Fit every task and score its held-out rows; see `Sweeping`."""
    for hasher, chains in _planned(tasks, len(documents.fields)).items():
        counts = hasher.count_all(documents, n_threads=n_threads(), progress=progress)
        climber = _Climber(hasher, counts, y, n_classes, seed)
        n_workers = climber.n_workers(chains)
        n_last = len(chains) % n_workers or n_workers
        works = [
            # In the last round there may be fewer chains than threads.
            partial(climber.climb, chain, n_threads() // (n_last if left <= n_last else n_workers))
            for left, chain in zip(range(len(chains), 0, -1), chains, strict=True)
        ]
        yield from side_by_side(works, n_workers)


def _planned(tasks: Sequence[SweepTask], n_fields: int) -> dict[NgramHasher, list[_Chain]]:
    chains: dict[tuple[LinearParams, bytes, bytes], _Chain] = {}
    for number, task in enumerate(tasks):
        common = replace(task.params, C=1.0)
        key = common, task.train.tobytes(), task.held_out.tobytes()
        chain = chains.setdefault(key, _Chain(common, task.train, task.held_out, []))
        chain.steps.append((task.params.C, number))
    planned: dict[NgramHasher, list[_Chain]] = {}
    for chain in chains.values():
        chain.steps.sort()
        planned.setdefault(chain.params.hasher(n_fields), []).append(chain)
    return planned


@dataclass(frozen=True, eq=False)
class _Climber:
    """What all chains of one hasher share."""

    hasher: NgramHasher
    counts: Counts
    y: Indices
    n_classes: int
    seed: int

    def n_workers(self, chains: list[_Chain]) -> int:
        """How many chains may be under way at once: as there are threads and memory for."""
        wanted = min(n_threads(), len(chains))
        free = available_memory()
        if free is None:
            return wanted
        nnz = len(self.counts.slots)
        n_features = min(self.hasher.n_blocks << self.hasher.bits, nnz)
        # Counts of the train rows, the places that they are taken from, weighted rows, the point.
        one = nnz * (6 + 8 + 8) + 4 * self.n_classes * (n_features + self.counts.n)
        return max(1, min(wanted, free // max(one, 1)))

    def climb(
        self, chain: _Chain, n_threads: int, progress: Progress
    ) -> Iterator[tuple[int, Floats]]:
        params = chain.params
        own = self.counts.take(chain.train)
        weighting = Weighting.fit(
            own,
            bits=params.bits,
            min_df=params.min_df,
            block_weights=params.block_weights(self.hasher),
        )
        rows = weighting.apply(own, n_threads=n_threads)
        del own
        held_out = weighting.apply(self.counts.take(chain.held_out), n_threads=n_threads)
        y = self.y[chain.train]
        costs = params.costs(y, self.n_classes)
        solutions = solve_path(
            [Solver(params.loss, C, params.tol, params.max_epochs) for C, _ in chain.steps],
            Descent(
                params.loss,
                rows,
                y if self.n_classes > 2 else y - 1,
                len(weighting.idf),
                costs.shape[1],
                n_threads=n_threads,
            ),
            costs,
            rng=np.random.default_rng(self.seed),
            progress=progress,
        )
        for (_, number), solution in zip(chain.steps, solutions, strict=True):
            yield number, _margins(solution, held_out, self.n_classes)


def _margins(solution: Solution, rows: Rows, n_classes: int) -> Floats:
    weights, bias = solution.weights, solution.bias
    largest = max(weights.max(initial=0.0), -weights.min(initial=0.0))
    if not (largest <= _LARGEST and np.isfinite(bias).all()):
        return np.full((rows.n, n_classes), np.nan, dtype=np.float32)
    margins: Floats = rows.times(weights) + bias
    return np.concatenate([-margins, margins], axis=1) if n_classes == 2 else margins
