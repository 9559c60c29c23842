"""The compiled inner loops: one epoch of dual coordinate descent for a block of classes.

One-vs-rest linear classification in the dual (Hsieh et al. 2008, "A Dual Coordinate Descent Method
for Large-scale Linear SVM", algorithm 1; Yu, Huang & Lin 2011, "Dual coordinate descent methods
for logistic regression", section 3), arranged so that all classes of a block are updated together
for a document: a feature touches one contiguous row of the weights, and the loop over classes
vectorises. Each class is computed alone and in the same order whatever the blocks are, so the
number of threads cannot change a bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.compiled import compiled, inlined
from newsdesk.models.descent.prefetch import prefetch_row
from newsdesk.models.rows import Rows
from newsdesk.types import Floats

__all__ = ["Point", "accumulate", "epoch_logistic", "epoch_squared_hinge"]

_ONE = np.float32(1)
_ZERO = np.float32(0)
_FAR = np.float32(30)  # the sigmoid of more is 1 in single precision


class Point(NamedTuple):
    """Where the descent stands, in the dual and in the primal: ``w = sum_i sign_i alpha_i x_i``."""

    alpha: Floats
    """Dual variables of the block's b classes, shape ``(n, b)``."""
    weights: Floats
    """Shape ``(n_features, b)``."""
    bias: Floats
    """Shape ``(b,)``."""


_compiled = compiled(fastmath={"contract", "nsz"})


@inlined
def _fetch(rows: Rows, i: int, point: Point) -> None:
    """Ask for all that document i will touch."""
    prefetch_row(point.alpha, i)  # type: ignore[call-arg]  # called through numba
    for j in range(rows.indptr[i], rows.indptr[i + 1]):
        prefetch_row(point.weights, rows.indices[j])


@inlined
def _score(rows: Rows, i: int, point: Point, score: Floats) -> np.float32:
    """Compute all scores of document i; gives its squared norm, with the constant feature's 1."""
    for c in range(len(score)):
        score[c] = point.bias[c]
    square = _ONE
    for j in range(rows.indptr[i], rows.indptr[i + 1]):
        v = rows.values[j]
        square += v * v
        f = rows.indices[j]
        for c in range(len(score)):
            score[c] += v * point.weights[f, c]
    return square


@inlined
def _add(rows: Rows, i: int, delta: Floats, point: Point) -> None:
    """Add ``delta[c]`` times document i to the weights of each class c."""
    for c in range(len(delta)):
        point.bias[c] += delta[c]
    for j in range(rows.indptr[i], rows.indptr[i + 1]):
        v = rows.values[j]
        f = rows.indices[j]
        for c in range(len(delta)):
            point.weights[f, c] += v * delta[c]


@_compiled
def epoch_squared_hinge(
    order: NDArray[np.int64],
    rows: Rows,
    y: NDArray[np.int32],
    first: int,
    cost: Floats,
    point: Point,
    moved: NDArray[np.float64],
) -> None:
    """Visit every document once and step along each class's dual coordinate.

    Parameters
    ----------
    order : NDArray[np.int64]
        The documents in the order of the visits, shape ``(n,)``.
    rows : Rows
        The documents.
    y : NDArray[np.int32]
        Class indices, shape ``(n,)``.
    first : int
        Class of the block's first column.
    cost : Floats
        Cost of an error on a document of the class (row 0) and of the rest (row 1), ``(2, b)``.
    point : Point
        Where to begin; changed in place.
    moved : NDArray[np.float64]
        Receives the sum of the absolute steps of each class, shape ``(b,)``.
    """
    b = len(point.bias)
    score = np.empty(b, dtype=np.float32)
    delta = np.empty(b, dtype=np.float32)
    moved[:] = 0.0
    for visit in range(len(order)):
        if visit + 1 < len(order):
            _fetch(rows, order[visit + 1], point)
        i = order[visit]
        square = _score(rows, i, point, score)
        own = y[i] - first
        biggest = _ZERO
        for c in range(b):
            sign = _ONE if c == own else -_ONE
            ridge = np.float32(0.5) / (cost[0, c] if c == own else cost[1, c])
            old = point.alpha[i, c]
            gradient = sign * score[c] - _ONE + ridge * old
            new = max(old - gradient / (square + ridge), _ZERO)
            point.alpha[i, c] = new
            step = new - old
            moved[c] += abs(step)
            delta[c] = sign * step
            biggest = max(biggest, abs(step))
        if biggest > _ZERO:
            _add(rows, i, delta, point)


@_compiled
def epoch_logistic(
    order: NDArray[np.int64],
    rows: Rows,
    y: NDArray[np.int32],
    first: int,
    cost: Floats,
    point: Point,
    moved: NDArray[np.float64],
) -> None:
    """As `epoch_squared_hinge`, for the logistic loss.

    With ``alpha = cost * sigmoid(u)`` the optimum of one coordinate is the root of
    ``q (cost * sigmoid(u) - alpha) + margin + u``, with q the squared norm of the document: four
    Newton steps from the old u come near enough for a sweep.

    Parameters
    ----------
    order : NDArray[np.int64]
        The documents in the order of the visits, shape ``(n,)``.
    rows : Rows
        The documents.
    y : NDArray[np.int32]
        Class indices, shape ``(n,)``.
    first : int
        Class of the block's first column.
    cost : Floats
        Cost of an error on a document of the class (row 0) and of the rest (row 1), ``(2, b)``.
    point : Point
        Where to begin; changed in place.
    moved : NDArray[np.float64]
        Receives the sum of the absolute steps of each class, shape ``(b,)``.
    """
    b = len(point.bias)
    score = np.empty(b, dtype=np.float32)
    delta = np.empty(b, dtype=np.float32)
    moved[:] = 0.0
    for visit in range(len(order)):
        if visit + 1 < len(order):
            _fetch(rows, order[visit + 1], point)
        i = order[visit]
        square = _score(rows, i, point, score)
        own = y[i] - first
        for c in range(b):
            sign = _ONE if c == own else -_ONE
            limit = cost[0, c] if c == own else cost[1, c]
            old = point.alpha[i, c]
            margin = sign * score[c]
            k = square * limit
            constant = margin - square * old
            # The function is convex left of zero and concave right of it: kept on the side of the
            # root, Newton's method cannot run away.
            left = constant + np.float32(0.5) * k > _ZERO
            lowest = -_FAR if left else _ZERO
            highest = _ZERO if left else _FAR
            u = _ZERO
            if _ZERO < old < limit:
                u = min(max(np.log(old / (limit - old)), lowest), highest)
            for _ in range(4):
                p = _ONE / (_ONE + np.exp(-u))
                u -= (k * p + constant + u) / (k * p * (_ONE - p) + _ONE)
                u = min(max(u, lowest), highest)
            new = limit / (_ONE + np.exp(-u))
            point.alpha[i, c] = new
            moved[c] += abs(new - old)
            delta[c] = sign * (new - old)
        _add(rows, i, delta, point)


@_compiled
def accumulate(rows: Rows, y: NDArray[np.int32], first: int, point: Point) -> None:
    """Add ``sum_i sign_i alpha_i x_i`` to zeroed weights: the primal point of given duals.

    Parameters
    ----------
    rows : Rows
        The documents.
    y : NDArray[np.int32]
        Class indices, shape ``(n,)``.
    first : int
        Class of the block's first column.
    point : Point
        The duals; its weights and bias are changed in place.
    """
    b = len(point.bias)
    delta = np.empty(b, dtype=np.float32)
    for i in range(len(point.alpha)):
        own = y[i] - first
        for c in range(b):
            delta[c] = point.alpha[i, c] if c == own else -point.alpha[i, c]
        _add(rows, i, delta, point)
