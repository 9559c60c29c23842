"""The compiled inner loops of networks that predict.

Every number of a row is summed in the same order whatever rows stand beside it, so that company
cannot change a bit of a result: rows share only the trip of the weights from memory.
"""

from __future__ import annotations

import numpy as np

from newsdesk.features.compiled import compiled, inlined
from newsdesk.types import Floats, Indices

__all__ = ["affine", "attend", "blend", "highest", "recur", "recur_projected", "tally"]

# A multiplication and the addition after it may become one instruction. Sums keep their order.
_compiled = compiled(fastmath={"contract", "nsz"})

# Measured on the shapes of the published networks, with vectors of 8 numbers and 512 KiB of second
# cache; a wrong guess costs time alone.
_MAPPED = 16
"""Rows that are mapped together."""
_READ = 8
"""Rows that are read together."""
_N_SUMS = 4096
"""Sums that are worked on together: half of a first cache of 32 KiB."""

_ZERO = np.float32(0)
_HALF = np.float32(0.5)
_INFINITE = np.float32(np.inf)

# tanh x = x p(x²) / q(x²) for |x| up to where it rounds to 1: `generic_fast_tanh_float` of
# Eigen 3.4 (MathFunctionsImpl.h). No table and no branch, so a loop of it runs on vectors.
_FAR = np.float32(7.90531110763549805)
_P13 = np.float32(-2.76076847742355e-16)
_P11 = np.float32(2.00018790482477e-13)
_P9 = np.float32(-8.60467152213735e-11)
_P7 = np.float32(5.12229709037114e-08)
_P5 = np.float32(1.48572235717979e-05)
_P3 = np.float32(6.37261928875436e-04)
_P1 = np.float32(4.89352455891786e-03)
_Q6 = np.float32(1.19825839466702e-06)
_Q4 = np.float32(1.18534705686654e-04)
_Q2 = np.float32(2.26843463243900e-03)
_Q0 = np.float32(4.89352518554385e-03)


@inlined
def _tanh(x: np.float32) -> np.float32:
    """Hyperbolic tangent, within 3e-7."""
    x = min(max(x, -_FAR), _FAR)
    square = x * x
    above = _P11 + square * _P13
    above = _P9 + square * above
    above = _P7 + square * above
    above = _P5 + square * above
    above = _P3 + square * above
    above = _P1 + square * above
    below = _Q4 + square * _Q6
    below = _Q2 + square * below
    below = _Q0 + square * below
    # Unlike the operator, this divides without asking for zero, which is no work for vectors.
    quotient: np.float32 = np.divide(x * above, below)
    return quotient


@_compiled
def _squash(x: Floats) -> None:
    """Take the hyperbolic tangent of each number."""
    for j in range(len(x)):
        x[j] = _tanh(x[j])


@_compiled
def _open(x: Floats) -> None:
    """Take the logistic function of each number: ``(1 + tanh(x / 2)) / 2``."""
    for j in range(len(x)):
        x[j] = _HALF + _HALF * _tanh(_HALF * x[j])


@_compiled
def _add_product(rows: Floats, first: int, last: int, weights: Floats, sums: Floats) -> None:
    """Add ``rows @ weights`` to the sums, from row ``first`` up to ``last``.

    Eight rows of weights go at a time through a block of columns: each sum is then read and
    written once for eight products.
    """
    depth, width = weights.shape
    eights = depth - depth % 8
    block = _N_SUMS // max(last - first, 1)
    for left in range(0, width, block):
        right = min(left + block, width)
        for k in range(0, eights, 8):
            w0 = weights[k, left:right]
            w1 = weights[k + 1, left:right]
            w2 = weights[k + 2, left:right]
            w3 = weights[k + 3, left:right]
            w4 = weights[k + 4, left:right]
            w5 = weights[k + 5, left:right]
            w6 = weights[k + 6, left:right]
            w7 = weights[k + 7, left:right]
            for i in range(first, last):
                x0, x1, x2, x3 = rows[i, k], rows[i, k + 1], rows[i, k + 2], rows[i, k + 3]
                x4, x5, x6, x7 = rows[i, k + 4], rows[i, k + 5], rows[i, k + 6], rows[i, k + 7]
                own = sums[i, left:right]
                for j in range(len(own)):
                    total = own[j] + x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j]
                    own[j] = total + x4 * w4[j] + x5 * w5[j] + x6 * w6[j] + x7 * w7[j]
        for k in range(eights, depth):
            weight = weights[k, left:right]
            for i in range(first, last):
                x = rows[i, k]
                own = sums[i, left:right]
                for j in range(len(own)):
                    own[j] += x * weight[j]


@_compiled
def affine(rows: Floats, weights: Floats, bias: Floats, result: Floats) -> None:
    """Map rows: ``rows @ weights + bias``.

    Parameters
    ----------
    rows : Floats
        Shape ``(n, k)``.
    weights : Floats
        Shape ``(k, m)``.
    bias : Floats
        Shape ``(m,)``.
    result : Floats
        Overwritten, shape ``(n, m)``.
    """
    n = len(rows)
    for first in range(0, n, _MAPPED):
        last = min(first + _MAPPED, n)
        for i in range(first, last):
            result[i] = bias
        _add_product(rows, first, last, weights, result)


@_compiled
def recur(
    projected: Floats,
    place: Indices,
    indptr: Indices,
    recurrent: Floats,
    backwards: bool,
    states: Floats,
    column: int,
) -> None:
    """Read rows by one direction of long short-term memory (Hochreiter & Schmidhuber 1997).

    With forget gates (Gers, Schmidhuber & Cummins 2000): ``c = f c + i g`` and ``h = o tanh(c)``,
    the gates being logistic and g squashed by tanh.

    Parameters
    ----------
    projected : Floats
        What inputs add to the gates i, f, g, o, bias included, shape ``(m, 4h)``.
    place : Indices
        Input of each token, shape ``(n_tokens,)``.
    indptr : Indices
        Row ends, shape ``(n + 1,)``; no row is longer than the one before it.
    recurrent : Floats
        Weights of the last state, shape ``(h, 4h)``.
    backwards : bool
        Whether to begin at the last token.
    states : Floats
        Receives the state at each token, shape ``(n_tokens, at least column + h)``.
    column : int
        Where a state begins.
    """
    h = len(recurrent)
    gates = np.empty((_READ, 4 * h), dtype=np.float32)
    state = np.empty((_READ, h), dtype=np.float32)
    cell = np.empty((_READ, h), dtype=np.float32)
    n = len(indptr) - 1
    for first in range(0, n, _READ):
        active = min(_READ, n - first)
        state[:] = _ZERO
        cell[:] = _ZERO
        for step in range(indptr[first + 1] - indptr[first]):
            while indptr[first + active] - indptr[first + active - 1] <= step:
                active -= 1
            for i in range(active):
                begin, end = indptr[first + i], indptr[first + i + 1]
                gates[i] = projected[place[end - 1 - step if backwards else begin + step]]
            if step > 0:
                _add_product(state, 0, active, recurrent, gates)
            for i in range(active):
                begin, end = indptr[first + i], indptr[first + i + 1]
                receiver = states[end - 1 - step if backwards else begin + step]
                _advance(gates[i], cell[i], state[i], _INFINITE)
                receiver[column : column + h] = state[i]


@_compiled
def recur_projected(
    projected: Floats,
    place: Indices,
    indptr: Indices,
    recurrent: Floats,
    projection: Floats,
    backwards: bool,
    cell_bound: np.float32,
    state_bound: np.float32,
    states: Floats,
    column: int,
) -> None:
    """Read rows as `recur` does, with states that are projections (Sak, Senior & Beaufays 2014).

    ``h = P (o tanh(c))``, "Long Short-Term Memory Recurrent Neural Network Architectures for Large
    Scale Acoustic Modeling", equations 6 and 7; cells and states are kept within bounds.

    Parameters
    ----------
    projected : Floats
        What inputs add to the gates i, f, g, o, bias included, shape ``(m, 4h)``.
    place : Indices
        Input of each token, shape ``(n_tokens,)``.
    indptr : Indices
        Row ends, shape ``(n + 1,)``; no row is longer than the one before it.
    recurrent : Floats
        Weights of the last state, shape ``(p, 4h)``.
    projection : Floats
        Shape ``(h, p)``.
    backwards : bool
        Whether to begin at the last token.
    cell_bound : np.float32
        Largest absolute value of a cell.
    state_bound : np.float32
        Largest absolute value of a state.
    states : Floats
        Receives the state at each token, shape ``(n_tokens, at least column + p)``.
    column : int
        Where a state begins.
    """
    h, p = projection.shape
    gates = np.empty((_READ, 4 * h), dtype=np.float32)
    hidden = np.empty((_READ, h), dtype=np.float32)
    cell = np.empty((_READ, h), dtype=np.float32)
    state = np.empty((_READ, p), dtype=np.float32)
    n = len(indptr) - 1
    for first in range(0, n, _READ):
        active = min(_READ, n - first)
        cell[:] = _ZERO
        for step in range(indptr[first + 1] - indptr[first]):
            while indptr[first + active] - indptr[first + active - 1] <= step:
                active -= 1
            for i in range(active):
                begin, end = indptr[first + i], indptr[first + i + 1]
                gates[i] = projected[place[end - 1 - step if backwards else begin + step]]
            if step > 0:
                _add_product(state, 0, active, recurrent, gates)
            for i in range(active):
                _advance(gates[i], cell[i], hidden[i], cell_bound)
            state[:active] = _ZERO
            _add_product(hidden, 0, active, projection, state)
            for i in range(active):
                begin, end = indptr[first + i], indptr[first + i + 1]
                receiver = states[end - 1 - step if backwards else begin + step]
                for j in range(p):
                    state[i, j] = min(max(state[i, j], -state_bound), state_bound)
                    receiver[column + j] = state[i, j]


@_compiled
def _advance(gates: Floats, cell: Floats, state: Floats, bound: np.float32) -> None:
    """Make one step from sums of the gates. Each loop touches few arrays, so it vectorises."""
    h = len(cell)
    _open(gates[: 2 * h])
    _squash(gates[2 * h : 3 * h])
    _open(gates[3 * h :])
    let_in, keep, new, let_out = gates[:h], gates[h : 2 * h], gates[2 * h : 3 * h], gates[3 * h :]
    for j in range(h):
        cell[j] = min(max(keep[j] * cell[j] + let_in[j] * new[j], -bound), bound)
    for j in range(h):
        state[j] = let_out[j] * _tanh(cell[j])


@_compiled
def highest(states: Floats, indptr: Indices, result: Floats) -> None:
    """Take the highest value of each column over the tokens of each row.

    Parameters
    ----------
    states : Floats
        Shape ``(n_tokens, s)``.
    indptr : Indices
        Row ends, shape ``(n + 1,)``.
    result : Floats
        Shape ``(n, s)``; the row of no token is left as it is.
    """
    for i in range(len(indptr) - 1):
        own = result[i]
        for t in range(indptr[i], indptr[i + 1]):
            state = states[t]
            for j in range(len(own)):
                own[j] = state[j] if t == indptr[i] else max(own[j], state[j])


@_compiled
def blend(
    vectors: Floats, place: Indices, weights: Floats, indptr: Indices, result: Floats
) -> None:
    """Average the vectors of the tokens of each row, each with its weight.

    Parameters
    ----------
    vectors : Floats
        Shape ``(m, s)``.
    place : Indices
        Vector of each token, shape ``(n_tokens,)``.
    weights : Floats
        Weight of each token, at least 0, shape ``(n_tokens,)``.
    indptr : Indices
        Row ends, shape ``(n + 1,)``.
    result : Floats
        Overwritten, shape ``(n, s)``; zeros where the weights of a row add up to 0.
    """
    for i in range(len(indptr) - 1):
        own = result[i]
        own[:] = _ZERO
        total = 0.0
        for t in range(indptr[i], indptr[i + 1]):
            total += weights[t]
        if total > 0:
            for t in range(indptr[i], indptr[i + 1]):
                share = np.float32(weights[t] / total)
                vector = vectors[place[t]]
                for j in range(len(own)):
                    own[j] += share * vector[j]


@_compiled
def tally(
    vectors: Floats, place: Indices, weights: Floats, indptr: Indices, result: Floats
) -> None:
    """Add up the vectors of the tokens of each row, with weights of Euclidean length 1.

    Parameters
    ----------
    vectors : Floats
        Shape ``(m, s)``.
    place : Indices
        Vector of each token, shape ``(n_tokens,)``.
    weights : Floats
        Weight of each token up to a factor of its row, at least 0, shape ``(n_tokens,)``.
    indptr : Indices
        Row ends, shape ``(n + 1,)``.
    result : Floats
        Overwritten, shape ``(n, s)``; zeros where the weights of a row are all 0.
    """
    for i in range(len(indptr) - 1):
        own = result[i]
        own[:] = _ZERO
        square = 0.0
        for t in range(indptr[i], indptr[i + 1]):
            square += weights[t] * weights[t]
        if square > 0:
            length = np.sqrt(square)
            for t in range(indptr[i], indptr[i + 1]):
                share = np.float32(weights[t] / length)
                vector = vectors[place[t]]
                for j in range(len(own)):
                    own[j] += share * vector[j]


@_compiled
def attend(projected: Floats, query: Floats, indptr: Indices, weights: Floats) -> None:
    """Weigh the tokens of each row: ``exp(query . tanh(projected))`` (Yang et al. 2016, eq. 6).

    Parameters
    ----------
    projected : Floats
        Equation 5 before its tanh, shape ``(n_tokens, a)``; spoilt.
    query : Floats
        Shape ``(a,)``.
    indptr : Indices
        Row ends, shape ``(n + 1,)``.
    weights : Floats
        Receives the weights up to a factor that a row's tokens share, shape ``(n_tokens,)``.
    """
    for i in range(len(indptr) - 1):
        top = np.float32(-np.inf)
        for t in range(indptr[i], indptr[i + 1]):
            _squash(projected[t])
            score = _ZERO
            for j in range(len(query)):
                score += query[j] * projected[t, j]
            weights[t] = score
            top = max(top, score)
        for t in range(indptr[i], indptr[i + 1]):
            weights[t] = np.exp(weights[t] - top)
