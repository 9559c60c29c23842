"""The fit: epochs of dual coordinate descent, classes divided among the threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import DivergedError
from newsdesk.models.linear import kernels
from newsdesk.models.linear.kernels import Point
from newsdesk.models.linear.weighting import Rows
from newsdesk.types import Floats, Indices, Progress

__all__ = ["Duals", "Loss", "Solution", "Solver", "warm_up"]

Loss = Literal["squared_hinge", "logistic"]

_EPOCH = {"squared_hinge": kernels.epoch_squared_hinge, "logistic": kernels.epoch_logistic}


class Duals(NamedTuple):
    """Where a later fit may begin."""

    alpha: Floats
    """Dual variables, shape ``(n, n_columns)``."""
    first_move: float
    """Mean absolute dual step of the first epoch from zero: the yardstick of `Solver.tol`."""


class Solution(NamedTuple):
    """Where the solver stopped."""

    weights: Floats
    """Shape ``(n_features, n_columns)``."""
    bias: Floats
    """Shape ``(n_columns,)``."""
    duals: Duals
    """The same point in the dual."""
    n_epochs: int
    """Epochs done."""


@dataclass(frozen=True)
class Solver:
    """Settings of a fit.

    Parameters
    ----------
    loss : Loss
        Loss of each binary problem.
    C : float
        Cost of errors against the weights' squared norm, as in LIBLINEAR.
    tol : float
        Stop after the epoch whose mean absolute dual step is at most this share of the first's.
    max_epochs : int
        Stop here at the latest.
    """

    loss: Loss
    C: float
    tol: float
    max_epochs: int

    def solve(
        self,
        rows: Rows,
        y: Indices,
        n_features: int,
        costs: Floats,
        *,
        rng: np.random.Generator,
        n_threads: int,
        progress: Progress,
        start: Duals | None = None,
    ) -> Solution:
        """Minimise the regularised one-vs-rest loss of all columns.

        Parameters
        ----------
        rows : Rows
            n documents.
        y : Indices
            Column of each document's own class; one out of range is in the rest of every column.
        n_features : int
            Width of the rows.
        costs : Floats
            Factors on C for documents of the class and of the rest, shape ``(2, n_columns)``.
        rng : np.random.Generator
            Draws the order of the visits.
        n_threads : int
            The result does not depend on it.
        progress : Progress
            Told of every epoch.
        start : Duals | None
            Duals of the first ``len(start.alpha)`` rows to begin from.

        Returns
        -------
        Solution
            The weights and duals.

        Raises
        ------
        DivergedError
            If a weight is not finite.
        """
        blocks = self._blocks(rows, y, n_features, costs, n_threads, start)
        epoch = _EPOCH[self.loss]
        first_move = start.first_move if start else 0.0
        done = 0
        with (
            ThreadPoolExecutor(len(blocks)) as pool,
            progress.task("epochs", self.max_epochs, "epochs") as advance,
        ):
            list(pool.map(_Block.begin, blocks))
            for done in range(1, self.max_epochs + 1):
                order = rng.permutation(rows.n)
                list(pool.map(lambda block, o=order: block.step(epoch, o), blocks))
                moved = np.concatenate([block.moved for block in blocks]).sum()
                mean = float(moved) / max(rows.n * costs.shape[1], 1)
                first_move = first_move or mean
                advance(1)
                if mean <= self.tol * first_move:
                    advance(self.max_epochs - done)
                    break
        weights = np.concatenate([block.point.weights for block in blocks], axis=1)
        bias = np.concatenate([block.point.bias for block in blocks])
        if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
            problem = f"Training with C={self.C} gave weights that are not finite."
            raise DivergedError(problem, remedy="Lower C.")
        alpha = np.concatenate([block.point.alpha for block in blocks], axis=1)
        return Solution(weights, bias, Duals(alpha, first_move), done)

    def _blocks(
        self,
        rows: Rows,
        y: Indices,
        n_features: int,
        costs: Floats,
        n_threads: int,
        start: Duals | None,
    ) -> list[_Block]:
        n_columns = costs.shape[1]
        edges = np.linspace(0, n_columns, min(n_threads, n_columns) + 1).astype(int)
        blocks = []
        for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            alpha = np.zeros((rows.n, last - first), dtype=np.float32)
            if start:
                alpha[: len(start.alpha)] = start.alpha[:, first:last]
            blocks.append(
                _Block(
                    rows=rows,
                    y=y.astype(np.int32),
                    first=first,
                    cost=np.ascontiguousarray(costs[:, first:last] * np.float32(self.C)),
                    point=Point(
                        alpha=alpha,
                        weights=np.zeros((n_features, last - first), dtype=np.float32),
                        bias=np.zeros(last - first, dtype=np.float32),
                    ),
                    moved=np.zeros(last - first, dtype=np.float64),
                    warm=start is not None,
                )
            )
        return blocks


@dataclass(frozen=True, eq=False)
class _Block:
    """The classes of one thread: nothing here is shared with another, so nothing races."""

    rows: Rows
    y: NDArray[np.int32]
    first: int
    cost: Floats
    point: Point
    moved: NDArray[np.float64]
    warm: bool

    def begin(self) -> None:
        if self.warm:
            kernels.accumulate(self.rows, self.y, self.first, self.point)

    def step(self, epoch: Callable[..., None], order: NDArray[np.int64]) -> None:
        epoch(order, self.rows, self.y, self.first, self.cost, self.point, self.moved)


def warm_up() -> None:
    """Compile the kernels, or read them from the disk cache, before they are needed."""
    from newsdesk.types import Silent

    rows = Rows(
        np.array([0, 1], dtype=np.int64),
        np.zeros(1, dtype=np.int32),
        np.ones(1, dtype=np.float32),
    )
    y = np.zeros(1, dtype=np.int64)
    costs = np.ones((2, 1), dtype=np.float32)
    losses: tuple[Loss, ...] = ("squared_hinge", "logistic")
    for loss in losses:
        solver = Solver(loss, C=1.0, tol=1.0, max_epochs=1)
        rng = np.random.default_rng(0)
        first = solver.solve(rows, y, 1, costs, rng=rng, n_threads=1, progress=Silent())
        solver.solve(rows, y, 1, costs, rng=rng, n_threads=1, progress=Silent(), start=first.duals)
