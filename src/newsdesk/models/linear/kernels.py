"""The compiled inner loops: one epoch of dual coordinate descent for a block of classes.

One-vs-rest linear classification in the dual (Hsieh et al. 2008, "A Dual Coordinate Descent Method
for Large-scale Linear SVM", algorithm 1; Yu, Huang & Lin 2011, "Dual coordinate descent methods
for logistic regression", section 3), arranged so that all classes of a block are updated together
for a document: a feature touches one contiguous row of the weights, and the loop over classes
vectorises. Each class is computed alone and in the same order whatever the blocks are, so the
number of threads cannot change a bit.

Arguments that all kernels share: ``indptr (n + 1,)``, ``indices (nnz,)``, ``values (nnz,)`` are
the rows of the documents; ``y (n,)`` class indices; ``first`` is the class of the block's first
column; ``alpha (n, b)`` the dual variables; ``weights (n_features, b)`` and ``bias (b,)`` the
primal ones, always ``w = sum_i sign_i alpha_i x_i``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from newsdesk.models.linear.prefetch import prefetch_row
from newsdesk.types import Floats

__all__ = ["accumulate", "epoch_logistic", "epoch_squared_hinge"]


@numba.njit(nogil=True, inline="always")
def _fetch_next(
    order: NDArray[np.int64],
    visit: int,
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    alpha: Floats,
    weights: Floats,
) -> None:
    if visit + 1 < len(order):
        following = order[visit + 1]
        prefetch_row(alpha, following)  # type: ignore[call-arg]  # called through numba
        for j in range(indptr[following], indptr[following + 1]):
            prefetch_row(weights, indices[j])


def _compiled(kernel: Callable[..., None]) -> Callable[..., None]:
    options: dict[str, Any] = {"nogil": True, "fastmath": {"contract", "nsz"}}
    try:
        compiled: Callable[..., None] = numba.njit(cache=True, **options)(kernel)
    except RuntimeError:
        # Nowhere to keep compiled code (a read-only installation): compile in every process.
        compiled = numba.njit(**options)(kernel)
    return compiled


_ONE = np.float32(1)
_ZERO = np.float32(0)
_FAR = np.float32(30)  # the sigmoid of more is 1 in single precision


@_compiled
def epoch_squared_hinge(
    order: NDArray[np.int64],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    values: Floats,
    y: NDArray[np.int32],
    first: int,
    cost: Floats,
    alpha: Floats,
    weights: Floats,
    bias: Floats,
    moved: NDArray[np.float64],
) -> None:
    """Visit every document once and step along each class's dual coordinate.

    Parameters
    ----------
    order : NDArray[np.int64]
        The documents in the order of the visits, shape ``(n,)``.
    indptr : NDArray[np.int64]
        See the module.
    indices : NDArray[np.int32]
        See the module.
    values : Floats
        See the module.
    y : NDArray[np.int32]
        See the module.
    first : int
        See the module.
    cost : Floats
        Cost of an error on a document of the class (row 0) and of the rest (row 1), ``(2, b)``.
    alpha : Floats
        See the module; changed.
    weights : Floats
        See the module; changed.
    bias : Floats
        See the module; changed.
    moved : NDArray[np.float64]
        Receives the sum of the absolute steps of each class, shape ``(b,)``.
    """
    b = weights.shape[1]
    score = np.empty(b, dtype=np.float32)
    delta = np.empty(b, dtype=np.float32)
    moved[:] = 0.0
    n = len(order)
    for visit in range(n):
        i = order[visit]
        _fetch_next(order, visit, indptr, indices, alpha, weights)
        begin, end = indptr[i], indptr[i + 1]
        for c in range(b):
            score[c] = bias[c]
        square = _ONE
        for j in range(begin, end):
            v = values[j]
            square += v * v
            f = indices[j]
            for c in range(b):
                score[c] += v * weights[f, c]
        own = y[i] - first
        biggest = _ZERO
        for c in range(b):
            sign = _ONE if c == own else -_ONE
            ridge = np.float32(0.5) / (cost[0, c] if c == own else cost[1, c])
            old = alpha[i, c]
            gradient = sign * score[c] - _ONE + ridge * old
            new = max(old - gradient / (square + ridge), _ZERO)
            alpha[i, c] = new
            step = new - old
            moved[c] += abs(step)
            delta[c] = sign * step
            biggest = max(biggest, abs(step))
        if biggest > _ZERO:
            for c in range(b):
                bias[c] += delta[c]
            for j in range(begin, end):
                v = values[j]
                f = indices[j]
                for c in range(b):
                    weights[f, c] += v * delta[c]


@_compiled
def epoch_logistic(
    order: NDArray[np.int64],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    values: Floats,
    y: NDArray[np.int32],
    first: int,
    cost: Floats,
    alpha: Floats,
    weights: Floats,
    bias: Floats,
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
    indptr : NDArray[np.int64]
        See the module.
    indices : NDArray[np.int32]
        See the module.
    values : Floats
        See the module.
    y : NDArray[np.int32]
        See the module.
    first : int
        See the module.
    cost : Floats
        Cost of an error on a document of the class (row 0) and of the rest (row 1), ``(2, b)``.
    alpha : Floats
        See the module; changed.
    weights : Floats
        See the module; changed.
    bias : Floats
        See the module; changed.
    moved : NDArray[np.float64]
        Receives the sum of the absolute steps of each class, shape ``(b,)``.
    """
    b = weights.shape[1]
    score = np.empty(b, dtype=np.float32)
    delta = np.empty(b, dtype=np.float32)
    moved[:] = 0.0
    n = len(order)
    for visit in range(n):
        i = order[visit]
        _fetch_next(order, visit, indptr, indices, alpha, weights)
        begin, end = indptr[i], indptr[i + 1]
        for c in range(b):
            score[c] = bias[c]
        square = _ONE
        for j in range(begin, end):
            v = values[j]
            square += v * v
            f = indices[j]
            for c in range(b):
                score[c] += v * weights[f, c]
        own = y[i] - first
        for c in range(b):
            sign = _ONE if c == own else -_ONE
            limit = cost[0, c] if c == own else cost[1, c]
            old = alpha[i, c]
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
            alpha[i, c] = new
            moved[c] += abs(new - old)
            delta[c] = sign * (new - old)
        for c in range(b):
            bias[c] += delta[c]
        for j in range(begin, end):
            v = values[j]
            f = indices[j]
            for c in range(b):
                weights[f, c] += v * delta[c]


@_compiled
def accumulate(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    values: Floats,
    y: NDArray[np.int32],
    first: int,
    alpha: Floats,
    weights: Floats,
    bias: Floats,
) -> None:
    """Add ``sum_i sign_i alpha_i x_i`` to zeroed weights: the primal point of given duals.

    Parameters
    ----------
    indptr : NDArray[np.int64]
        See the module.
    indices : NDArray[np.int32]
        See the module.
    values : Floats
        See the module.
    y : NDArray[np.int32]
        See the module.
    first : int
        See the module.
    alpha : Floats
        See the module; rows beyond its length count as zero.
    weights : Floats
        See the module; changed.
    bias : Floats
        See the module; changed.
    """
    n, b = alpha.shape
    delta = np.empty(b, dtype=np.float32)
    for i in range(n):
        own = y[i] - first
        for c in range(b):
            delta[c] = alpha[i, c] if c == own else -alpha[i, c]
            bias[c] += delta[c]
        for j in range(indptr[i], indptr[i + 1]):
            v = values[j]
            f = indices[j]
            for c in range(b):
                weights[f, c] += v * delta[c]
