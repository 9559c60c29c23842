"""The state of a fit: dual and primal point of all classes, divided among threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.models.descent import kernels
from newsdesk.models.descent.kernels import Point
from newsdesk.models.rows import Rows
from newsdesk.types import Floats, Indices

__all__ = ["Descent", "Duals", "Loss"]

Loss = Literal["squared_hinge", "logistic"]

_EPOCH = {"squared_hinge": kernels.epoch_squared_hinge, "logistic": kernels.epoch_logistic}


class Duals(NamedTuple):
    """Where a later fit may begin."""

    alpha: Floats
    """Dual variables, shape ``(n, n_columns)``."""
    first_move: float
    """Mean absolute dual step of the first epoch from zero: the yardstick of `Solver.tol`."""


class Descent:
    """A fit under way.

    Parameters
    ----------
    loss : Loss
        Loss of each binary problem.
    rows : Rows
        n documents.
    y : Indices
        Column of each document's own class; one out of range is in the rest of every column.
    n_features : int
        Width of the rows.
    n_columns : int
        Binary problems.
    n_threads : int
        The result does not depend on it.
    start : Duals | None
        Duals of the first ``len(start.alpha)`` rows to begin from.
    """

    def __init__(
        self,
        loss: Loss,
        rows: Rows,
        y: Indices,
        n_features: int,
        n_columns: int,
        *,
        n_threads: int,
        start: Duals | None = None,
    ) -> None:
        self._epoch = _EPOCH[loss]
        self._rows = rows
        self._y = y.astype(np.int32)
        edges = np.linspace(0, n_columns, min(n_threads, n_columns) + 1).astype(int).tolist()
        self._blocks = [
            _Block.new(rows.n, n_features, first, last) for first, last in pairwise(edges)
        ]
        if start is not None:
            self._begin(start)

    @property
    def n(self) -> int:
        """Number of documents."""
        return self._rows.n

    def _begin(self, start: Duals) -> None:
        def accumulate(block: _Block) -> None:
            own = start.alpha[:, block.first : block.last]
            block.point.alpha[: len(own)] = own
            kernels.accumulate(self._rows, self._y, block.first, block.point)

        self._for_each_block(accumulate)

    def epoch(self, order: NDArray[np.int64], costs: Floats) -> float:
        """Visit every document once.

        Parameters
        ----------
        order : NDArray[np.int64]
            The documents in the order of the visits, shape ``(n,)``.
        costs : Floats
            Cost of an error on documents of the class and of the rest, shape ``(2, n_columns)``.

        Returns
        -------
        float
            Mean absolute dual step.
        """

        def step(block: _Block) -> None:
            cost = np.ascontiguousarray(costs[:, block.first : block.last])
            self._epoch(order, self._rows, self._y, block.first, cost, block.point, block.moved)

        self._for_each_block(step)
        moved = float(np.concatenate([block.moved for block in self._blocks]).sum())
        mean: float = moved / max(self._rows.n * costs.shape[1], 1)
        return mean

    def _for_each_block(self, act: Callable[[_Block], None]) -> None:
        if len(self._blocks) == 1:
            act(self._blocks[0])
            return
        with ThreadPoolExecutor(len(self._blocks)) as pool:
            list(pool.map(act, self._blocks))

    def grow(self, factor: float) -> None:
        """Multiply the duals, and the weights with them.

        Parameters
        ----------
        factor : float
            At least 0.
        """
        for block in self._blocks:
            for part in block.point:
                part *= np.float32(factor)

    @property
    def weights(self) -> Floats:
        """Shape ``(n_features, n_columns)``; a view of the state where one thread does all."""
        return _joined([block.point.weights for block in self._blocks])

    @property
    def bias(self) -> Floats:
        """Shape ``(n_columns,)``; as `weights`."""
        return _joined([block.point.bias for block in self._blocks])

    @property
    def alpha(self) -> Floats:
        """Shape ``(n, n_columns)``; as `weights`."""
        return _joined([block.point.alpha for block in self._blocks])


def _joined(parts: list[Floats]) -> Floats:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)


@dataclass(frozen=True, eq=False)
class _Block:
    """The classes of one thread: nothing here is shared with another, so nothing races."""

    first: int
    last: int
    point: Point
    moved: NDArray[np.float64]

    @classmethod
    def new(cls, n: int, n_features: int, first: int, last: int) -> _Block:
        width = last - first
        point = Point(
            alpha=np.zeros((n, width), dtype=np.float32),
            weights=np.zeros((n_features, width), dtype=np.float32),
            bias=np.zeros(width, dtype=np.float32),
        )
        return cls(first, last, point, np.zeros(width, dtype=np.float64))
