"""The fit: epochs of dual coordinate descent until they hardly move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from newsdesk.errors import DivergedError
from newsdesk.models.descent.descent import Descent, Duals, Loss
from newsdesk.models.rows import Rows
from newsdesk.types import Floats, Indices, Progress

__all__ = ["Duals", "Loss", "Solution", "Solver", "warm_up"]


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
        descent = Descent(
            self.loss, rows, y, n_features, costs.shape[1], n_threads=n_threads, start=start
        )
        yardstick = start.first_move if start else None
        found = self.descend(descent, costs, rng=rng, progress=progress, yardstick=yardstick)
        if not (np.isfinite(found.weights).all() and np.isfinite(found.bias).all()):
            problem = f"Training with C={self.C} gave weights that are not finite."
            raise DivergedError(problem, remedy="Lower C.")
        return found

    def descend(
        self,
        descent: Descent,
        costs: Floats,
        *,
        rng: np.random.Generator,
        progress: Progress,
        yardstick: float | None = None,
        least: int = 1,
    ) -> Solution:
        """Go on from where a descent stands until it hardly moves.

        Parameters
        ----------
        descent : Descent
            The state; changed in place.
        costs : Floats
            As for `solve`.
        rng : np.random.Generator
            Draws the order of the visits.
        progress : Progress
            Told of every epoch.
        yardstick : float | None
            Mean absolute dual step of a first epoch from zero; None means that this is one.
        least : int
            Epochs to do at least.

        Returns
        -------
        Solution
            The weights and duals, which the next descent from the same state may change.
        """
        cost = costs * np.float32(self.C)
        done = 0
        with progress.task("epochs", self.max_epochs, "epochs") as advance:
            for done in range(1, self.max_epochs + 1):
                moved = descent.epoch(rng.permutation(descent.n), cost)
                yardstick = yardstick or moved
                advance(1)
                if done >= least and moved <= self.tol * yardstick:
                    advance(self.max_epochs - done)
                    break
        duals = Duals(descent.alpha, yardstick or 0.0)
        return Solution(descent.weights, descent.bias, duals, done)


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
