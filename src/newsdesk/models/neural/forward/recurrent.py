"""Recurrent networks that predict: embedding, (bi)LSTM layers, pooling, head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward import kernels
from newsdesk.models.neural.forward.dense import Dense, Head
from newsdesk.models.neural.forward.pieces import ONE_WORD, Piece, map_rows
from newsdesk.models.neural.forward.pooling import Pooling, pool_of
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.types import Floats, Indices

__all__ = ["RecurrentNetwork", "RecurrentReading"]


class RecurrentReading:
    """Long short-term memory in layers, pooling, hidden layers, logits: all but the vectors.

    The tensors are, for layer l and direction d, ``forward`` or ``backward``, ``lstm.{l}.{d}.input
    (4h, n_in)``, ``.recurrent (4h, h)`` and ``.bias (4h,)`` with the gates in the order i, f, g, o;
    those of `pool_of`; those of `Head`. How many layers and directions there are follows from the
    names.

    Parameters
    ----------
    tensors : Tensors
        They are taken from it.
    width : int
        Numbers per vector.
    pooling : Pooling
        How the states of the last layer become one.
    """

    def __init__(self, tensors: Tensors, width: int, *, pooling: Pooling) -> None:
        both = "lstm.0.backward.bias" in tensors
        self._layers: list[_Layer] = []
        for number in range(max(1, len(tensors.numbers("lstm.", ".forward.bias")))):
            forward = _direction(tensors, f"lstm.{number}.forward", width)
            backward = _direction(tensors, f"lstm.{number}.backward", width) if both else None
            self._layers.append(_Layer(forward, backward))
            width = self._layers[-1].width
        n_forward = forward.n_units
        self._pool = pool_of(pooling, tensors, n_forward=n_forward, width=width)
        self._head = Head(tensors, 3 * width if pooling == "concat" else width)

    @property
    def n_classes(self) -> int:
        """Number of logits."""
        return self._head.n_classes

    def logits(self, vectors: Floats, place: Indices, indptr: Indices) -> Floats:
        """Read rows.

        Parameters
        ----------
        vectors : Floats
            Shape ``(m, width)``.
        place : Indices
            Vector of each token, shape ``(n_tokens,)``.
        indptr : Indices
            Row ends, shape ``(n + 1,)``; no row is longer than the one before it.

        Returns
        -------
        Floats
            Shape ``(n, n_classes)``; a row depends on no other row. The pooled state of a row of
            no token is zero.
        """
        states = vectors
        for layer in self._layers:
            states = layer.read(states, place, indptr)
            place = np.arange(len(states))
        return self._head.logits(self._pool(states, indptr))


class RecurrentNetwork:
    """Embedding, long short-term memory in layers, pooling, hidden layers, logits.

    The tensors are ``embedding (v, d)`` and those of `RecurrentReading`.

    Parameters
    ----------
    tensors : Mapping[str, NDArray[Any]]
        Float32 arrays by name.
    pooling : Pooling
        How the states of the last layer become one.

    Raises
    ------
    BundleFormatError
        If a tensor is missing, unknown or does not fit the others.
    """

    def __init__(self, tensors: Mapping[str, NDArray[Any]], *, pooling: Pooling) -> None:
        left = Tensors(tensors)
        self._embedding = left.take("embedding", None, None)
        self._reading = RecurrentReading(left, self._embedding.shape[1], pooling=pooling)
        left.finish()

    def logits(self, sequences: Sequences) -> Floats:
        """Compute the logits of the classes.

        Parameters
        ----------
        sequences : Sequences
            Word ids of n rows.

        Returns
        -------
        Floats
            Shape ``(n, n_classes)``; a row depends on no other row. The pooled state of a row of
            no token is zero.
        """
        return map_rows(sequences, self._reading.n_classes, self._logits)

    def _logits(self, piece: Piece) -> Floats:
        return self._reading.logits(self._embedding[piece.words], piece.place, piece.indptr)

    @staticmethod
    def warm_up() -> None:
        """Compile the loops, or read them from the disk cache, before they are needed."""
        shapes = {
            "embedding": (1, 1),
            "lstm.0.forward.input": (4, 1),
            "lstm.0.forward.recurrent": (4, 1),
            "lstm.0.forward.bias": (4,),
            "output.weight": (1, 1),
            "output.bias": (1,),
        }
        attention = {
            "attention.projection": (1, 1),
            "attention.bias": (1,),
            "attention.query": (1,),
        }
        wanted: list[tuple[Pooling, dict[str, tuple[int, ...]]]] = [
            ("max", shapes),
            ("attention", {**shapes, **attention}),
        ]
        for pooling, own in wanted:
            tensors = {name: np.zeros(shape, dtype=np.float32) for name, shape in own.items()}
            RecurrentNetwork(tensors, pooling=pooling)._logits(ONE_WORD)


class _Direction(NamedTuple):
    """One direction of one layer."""

    input: Dense
    recurrent: Floats
    """Shape ``(h, 4h)``."""

    @property
    def n_units(self) -> int:
        """Width h of its states."""
        return len(self.recurrent)


class _Layer(NamedTuple):
    """Long short-term memory in one direction or both."""

    forward: _Direction
    backward: _Direction | None

    @property
    def width(self) -> int:
        """Width of the states, the forward ones before the backward ones."""
        return self.forward.n_units + (self.backward.n_units if self.backward else 0)

    def read(self, inputs: Floats, place: Indices, indptr: Indices) -> Floats:
        """Give the states at the tokens, from inputs and the place of each token's input."""
        states = np.empty((len(place), self.width), dtype=np.float32)
        column = 0
        for direction in self:
            if direction is None:
                continue
            projected = direction.input.apply(inputs)
            backwards = direction is self.backward
            kernels.recur(projected, place, indptr, direction.recurrent, backwards, states, column)
            column += direction.n_units
        return states


def _direction(tensors: Tensors, name: str, n_in: int) -> _Direction:
    n_units = tensors.length(f"{name}.bias") // 4
    bias = tensors.take(f"{name}.bias", 4 * n_units)
    recurrent = tensors.take(f"{name}.recurrent", 4 * n_units, n_units)
    project = Dense(tensors.take(f"{name}.input", 4 * n_units, n_in), bias)
    return _Direction(project, np.array(recurrent.T, order="C"))
