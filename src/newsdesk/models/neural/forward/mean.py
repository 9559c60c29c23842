"""Networks that predict from the weighted mean of word vectors, and what each word adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward import kernels
from newsdesk.models.neural.forward.dense import Head
from newsdesk.models.neural.forward.pieces import ONE_WORD, Piece, map_rows
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.types import Floats

__all__ = ["MeanNetwork"]


class MeanNetwork:
    """The mean of the words' vectors, each weighted by its word, hidden layers, logits.

    The tensors are ``embedding (v, d)``, ``weight (v,)`` with values of at least 0, and those of
    `Head`.

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
        n_words, width = self._embedding.shape
        self._weight = left.take("weight", n_words)
        self._head = Head(left, width)
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
            Shape ``(n, n_classes)``; a row depends on no other row. The mean of a row whose
            weights add up to 0 is zero.
        """
        return map_rows(sequences, self._head.n_classes, self._logits)

    def _logits(self, piece: Piece) -> Floats:
        return self._head.logits(self._mean(piece))

    def _mean(self, piece: Piece) -> Floats:
        vectors, weights = self._embedding[piece.words], self._weight[piece.words][piece.place]
        mean = np.empty((piece.n, vectors.shape[1]), dtype=np.float32)
        kernels.blend(vectors, piece.place, weights, piece.indptr, mean)
        return mean

    def contributions(self, ids: NDArray[np.int32], index: int) -> Floats:
        """What each token of a row adds to a logit.

        Without hidden layers that is exact: with the bias the contributions add up to the logit.
        With them, they do within the region in which the same hidden units are at work, with a
        bias of that region (Srinivas & Fleuret 2019, "Full-gradient representation for neural
        network visualization", proposition 1).

        Parameters
        ----------
        ids : NDArray[np.int32]
            Word ids of the row, shape ``(n_tokens,)``.
        index : int
            Class.

        Returns
        -------
        Floats
            Shape ``(n_tokens,)``.
        """
        words, place = np.unique(ids, return_inverse=True)
        mean = self._mean(Piece(np.array([0, len(ids)]), words, place))[0]
        weights = self._weight[ids]
        total = weights.sum(dtype=np.float64)
        per_word = self._embedding[words] @ self._head.slopes(mean, index)
        found: Floats = (weights * per_word[place] / (total or 1.0)).astype(np.float32)
        return found

    @staticmethod
    def warm_up() -> None:
        """Compile the loops, or read them from the disk cache, before they are needed."""
        shapes = {"embedding": (1, 1), "weight": (1,), "output.weight": (1, 1), "output.bias": (1,)}
        tensors = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
        MeanNetwork(tensors)._logits(ONE_WORD)
