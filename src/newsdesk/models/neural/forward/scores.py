"""Networks that predict from the weighted sum of what words add to each logit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.forward import kernels
from newsdesk.models.neural.forward.pieces import ONE_WORD, Piece, map_rows
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.types import Floats

__all__ = ["ScoresNetwork"]


class ScoresNetwork:
    """The sum of the words' scores, with weights of Euclidean length 1, and a bias.

    The tensors are ``scores (v, k)``, ``weight (v,)`` with values of at least 0, and ``bias (k,)``.

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
        self._scores = left.take("scores", None, None)
        n_words, self.n_classes = self._scores.shape
        self._weight = left.take("weight", n_words)
        self._bias = left.take("bias", self.n_classes)
        left.finish()

    def logits(self, sequences: Sequences) -> Floats:
        """Compute the logits of the classes.

        Parameters
        ----------
        sequences : Sequences
            Numbers of words of n rows.

        Returns
        -------
        Floats
            Shape ``(n, n_classes)``; no bit of a row depends on another row. A row whose weights
            are all 0 has the bias.
        """
        return map_rows(sequences, self.n_classes, self._logits)

    def _logits(self, piece: Piece) -> Floats:
        scores, weights = self._scores[piece.words], self._weight[piece.words][piece.place]
        summed = np.empty((piece.n, self.n_classes), dtype=np.float32)
        kernels.tally(scores, piece.place, weights, piece.indptr, summed)
        summed += self._bias
        return summed

    def contributions(self, ids: NDArray[np.int32], index: int) -> Floats:
        """What each word of a row adds to a logit: with the bias, the logit itself.

        Parameters
        ----------
        ids : NDArray[np.int32]
            Numbers of the row's words, shape ``(n_tokens,)``.
        index : int
            Class.

        Returns
        -------
        Floats
            Shape ``(n_tokens,)``.
        """
        weights = self._weight[ids]
        length = float(np.sqrt(np.square(weights, dtype=np.float64).sum())) or 1.0
        found: Floats = (weights * self._scores[ids, index] / length).astype(np.float32)
        return found

    @staticmethod
    def warm_up() -> None:
        """Compile the loop, or read it from the disk cache, before it is needed."""
        shapes = {"scores": (1, 1), "weight": (1,), "bias": (1,)}
        tensors = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
        ScoresNetwork(tensors)._logits(ONE_WORD)
