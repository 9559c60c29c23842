"""How a trained transformer answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from newsdesk.models.neural import batches
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.transformer.windows import Windows
from newsdesk.types import Floats

__all__ = ["Predictor"]

_TOGETHER = 64
_TOKENS_TOGETHER = 8192


class Predictor:
    """A transformer that answers.

    Windows of one length are read together, so that no answer depends on what fills others up.

    Parameters
    ----------
    architecture : Architecture
        Of the encoder.
    pooling : Pooling
        How the states of a window become its vector.
    tensors : Mapping[str, NDArray[Any]]
        Those of the encoder, ``output.weight`` and ``output.bias``.
    """

    def __init__(
        self, architecture: Architecture, pooling: Pooling, tensors: Mapping[str, NDArray[Any]]
    ) -> None:
        encoder = {name: tensors[name] for name in architecture.shapes}
        self._encoder = EncoderNetwork(architecture, encoder, 0.0, torch.Generator()).eval()
        self._pooling: Pooling = pooling
        self._weight: Floats = tensors["output.weight"]
        self._bias: Floats = tensors["output.bias"]

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
        sequences = windows.sequences
        pooled = np.empty((sequences.n, self._weight.shape[1]), dtype=np.float32)
        for rows in batches.by_length(sequences.lengths, _TOGETHER, _TOKENS_TOGETHER):
            for n in np.unique(sequences.lengths[rows]):
                alike = rows[sequences.lengths[rows] == n]
                ids = torch.from_numpy(sequences.take(alike).rectangle()).long()
                with torch.inference_mode():
                    vectors = self._encoder.pooled(self._encoder(ids), None, self._pooling)
                pooled[alike] = vectors.numpy()
        # One product per text: the same bits alone and in company.
        found = np.empty((windows.n, len(self._bias)), dtype=np.float32)
        for text, (first, last) in enumerate(zip(windows.indptr, windows.indptr[1:], strict=False)):
            found[text] = self._weight @ pooled[first:last].mean(axis=0) + self._bias
        return found
