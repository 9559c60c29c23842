"""How the states of a row's tokens become one state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from newsdesk.models.neural.forward import kernels
from newsdesk.models.neural.forward.dense import Dense
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.types import Floats, Indices

__all__ = ["Pool", "Pooling", "pool_of"]

Pooling = Literal["last", "max", "mean", "attention", "concat"]
"""``last``: where each direction ends; ``max`` and ``mean`` over the tokens; ``attention``: the
mean weighted by what the states say; ``concat``: ``last``, ``max`` and ``mean`` side by side."""

Pool = Callable[[Floats, Indices], Floats]
"""Makes states ``(n_tokens, s)`` and row ends ``(n + 1,)`` to pooled states ``(n, s)``, or ``(n,
3 s)`` for ``concat``; zeros for a row of no token."""


def pool_of(pooling: Pooling, tensors: Tensors, *, n_forward: int, width: int) -> Pool:
    """Make a pool.

    Parameters
    ----------
    pooling : Pooling
        Which.
    tensors : Tensors
        What attention needs is taken from it: ``attention.projection (a, s)``, ``.bias (a,)`` and
        ``.query (a,)``.
    n_forward : int
        Width of the forward states, which stand before the backward ones.
    width : int
        Width s of all states.

    Returns
    -------
    Pool
        The pool.
    """
    if pooling == "attention":
        return _attention(tensors, width)
    if pooling == "last":
        return _last(n_forward)
    if pooling == "concat":
        return _side_by_side(_last(n_forward), _highest, _mean)
    return _highest if pooling == "max" else _mean


def _last(n_forward: int) -> Pool:
    def pool(states: Floats, indptr: Indices) -> Floats:
        pooled = np.zeros((len(indptr) - 1, states.shape[1]), dtype=np.float32)
        filled = indptr[:-1] < indptr[1:]
        pooled[filled, :n_forward] = states[indptr[1:][filled] - 1, :n_forward]
        pooled[filled, n_forward:] = states[indptr[:-1][filled], n_forward:]
        return pooled

    return pool


def _side_by_side(*pools: Pool) -> Pool:
    """Howard & Ruder 2018, "Universal Language Model Fine-tuning for Text Classification", 3.3."""

    def pool(states: Floats, indptr: Indices) -> Floats:
        return np.hstack([each(states, indptr) for each in pools])

    return pool


def _highest(states: Floats, indptr: Indices) -> Floats:
    pooled = np.zeros((len(indptr) - 1, states.shape[1]), dtype=np.float32)
    kernels.highest(states, indptr, pooled)
    return pooled


def _mean(states: Floats, indptr: Indices) -> Floats:
    return _blend(states, np.ones(len(states), dtype=np.float32), indptr)


def _attention(tensors: Tensors, width: int) -> Pool:
    """Yang et al. 2016, "Hierarchical Attention Networks for Document Classification", eq. 5-7."""
    weight = tensors.take("attention.projection", None, width)
    projection = Dense(weight, tensors.take("attention.bias", len(weight)))
    query = np.array(tensors.take("attention.query", len(weight)))

    def pool(states: Floats, indptr: Indices) -> Floats:
        weights = np.empty(len(states), dtype=np.float32)
        kernels.attend(projection.apply(states), query, indptr, weights)
        return _blend(states, weights, indptr)

    return pool


def _blend(states: Floats, weights: Floats, indptr: Indices) -> Floats:
    pooled = np.empty((len(indptr) - 1, states.shape[1]), dtype=np.float32)
    kernels.blend(states, np.arange(len(states)), weights, indptr, pooled)
    return pooled
