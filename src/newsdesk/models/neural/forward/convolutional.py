"""Convolutional networks that predict: embedding, convolutions, the highest of each, head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward.dense import Dense, Head
from newsdesk.models.neural.forward.pieces import ONE_WORD, Piece, map_rows
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.models.neural.forward.windows import pool_windows
from newsdesk.types import Floats

__all__ = ["ConvolutionalNetwork"]


class _Filters(NamedTuple):
    """Convolutions of one width."""

    positions: Dense
    """From a word to what it adds to each filter at each position of a window."""
    bias: Floats
    """Of the filters, shape ``(f,)``."""


class ConvolutionalNetwork:
    """Embedding, convolutions of several widths, hidden layers, logits.

    Kim 2014, "Convolutional Neural Networks for Sentence Classification", section 2. The tensors
    are ``embedding (v, d)``; for each width w ``convolution.{w}.weight (f, d, w)`` and
    ``convolution.{w}.bias (f,)``; those of `Head`. Widths stand side by side, the smallest first.

    Parameters
    ----------
    tensors : Mapping[str, NDArray[Any]]
        Float32 arrays by name.

    Raises
    ------
    BundleFormatError
        If a tensor is missing, unknown or does not fit the others.
    """

    def __init__(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        left = Tensors(tensors)
        self._embedding = left.take("embedding", None, None)
        self._filters: list[_Filters] = []
        widths = left.numbers("convolution.", ".weight") or [1]
        for width in widths:
            name, depth = f"convolution.{width}", self._embedding.shape[1]
            weight = left.take(f"{name}.weight", None, depth, width)
            bias = np.array(left.take(f"{name}.bias", len(weight)))
            positions = Dense(weight.transpose(2, 0, 1).reshape(-1, depth))
            self._filters.append(_Filters(positions, bias))
        self._widest = widths[-1]
        self._head = Head(left, sum(len(filters.bias) for filters in self._filters))
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
            Shape ``(n, n_classes)``; a row depends on no other row. A row shorter than the widest
            convolution ends in zero vectors; the pooled state of a row of no token is zero.
        """
        return map_rows(sequences, self._head.n_classes, self._logits)

    def _logits(self, piece: Piece) -> Floats:
        vectors = self._embedding[piece.words]
        pooled = []
        for positions, bias in self._filters:
            own = np.zeros((piece.n, len(bias)), dtype=np.float32)
            projected = positions.apply(vectors)
            pool_windows(projected, piece.place, piece.indptr, bias, self._widest, own)
            pooled.append(own)
        return self._head.logits(np.concatenate(pooled, axis=1))

    @staticmethod
    def warm_up() -> None:
        """Compile the loops, or read them from the disk cache, before they are needed."""
        shapes = {
            "embedding": (1, 1),
            "convolution.1.weight": (1, 1, 1),
            "convolution.1.bias": (1,),
            "output.weight": (1, 1),
            "output.bias": (1,),
        }
        tensors = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
        ConvolutionalNetwork(tensors)._logits(ONE_WORD)
