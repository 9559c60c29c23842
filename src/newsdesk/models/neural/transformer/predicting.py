"""How a trained transformer answers: without PyTorch, in floats or integers."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.packing import Packed
from newsdesk.models.neural.encoders.running import Running, open_runner
from newsdesk.models.neural.forward.dense import Dense
from newsdesk.models.neural.transformer.windows import Windows
from newsdesk.types import Floats

__all__ = ["OUTPUT", "Predictor"]

OUTPUT = ("output.weight", "output.bias")
"""Tensors beside those of the encoder."""


class Predictor:
    """A transformer that answers.

    Parameters
    ----------
    architecture : Architecture
        Of the encoder.
    pooling : Pooling
        How the states of a window become its vector.
    tensors : Packed
        Those of the encoder as they are kept, and `OUTPUT`.
    """

    def __init__(self, architecture: Architecture, pooling: Pooling, tensors: Packed) -> None:
        self._architecture = architecture
        self._pooling: Pooling = pooling
        self._encoder = {name: tensors[name] for name in tensors if name not in OUTPUT}
        self._output = Dense(*(tensors[name] for name in OUTPUT))

    @cached_property
    def _runner(self) -> Running:
        return open_runner(self._architecture, self._pooling, self._encoder, normalise=False)

    def logits(self, windows: Windows) -> Floats:
        """Answer.

        Parameters
        ----------
        windows : Windows
            n texts.

        Returns
        -------
        Floats
            Shape ``(n, n_classes)``.
        """
        vectors = self._runner.vectors(windows.sequences)
        n_windows = np.diff(windows.indptr)
        pooled = vectors[windows.indptr[:-1]]  # of texts that are one window, nearly all
        for text in np.flatnonzero(n_windows > 1).tolist():
            first, last = windows.indptr[text : text + 2]
            pooled[text] = vectors[first:last].mean(axis=0)
        return self._output.apply(pooled)
