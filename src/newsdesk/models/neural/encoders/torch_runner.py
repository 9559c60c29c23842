"""PyTorch on the processor in bfloat16: ids of texts to vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F

from newsdesk.config import n_threads
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.encoders.packing import Packed, unhalve
from newsdesk.models.neural.encoders.runner import of_one_length
from newsdesk.types import Floats

__all__ = ["TorchRunner"]

_TOKENS = 2048
"""Tokens of a batch: smaller ones leave the second thread waiting."""


class TorchRunner:
    """An encoder ready to run, its products in bfloat16, its sums and norms in float32.

    Parameters
    ----------
    architecture : Architecture
        Its shape.
    pooling : Pooling
        How states become a vector.
    packed : Packed
        Its tensors, in bfloat16.
    normalise : bool
        Whether vectors get L2 norm 1.
    """

    def __init__(
        self, architecture: Architecture, pooling: Pooling, packed: Packed, *, normalise: bool
    ) -> None:
        tensors = {
            name: unhalve(array) if array.dtype == np.uint16 else array
            for name, array in packed.items()
        }
        self._network = EncoderNetwork(architecture, tensors, 0.0, torch.Generator()).eval()
        self._pooling: Pooling = pooling
        self._normalise = normalise
        self.width = architecture.width

    def vectors(
        self, sequences: Sequences, done: Callable[[int], None] = lambda _done: None
    ) -> Floats:
        """Encode texts; see `newsdesk.models.neural.encoders.runner.Runner.vectors`.

        Parameters
        ----------
        sequences : Sequences
            Ids of n texts, special tokens included, each of at least one token.
        done : Callable[[int], None]
            Told of texts that are encoded.

        Returns
        -------
        Floats
            Shape ``(n, width)``; a row depends on no other text but for the last bits of bfloat16.
        """
        found = np.empty((sequences.n, self.width), dtype=np.float32)
        lengths, before = sequences.lengths, torch.get_num_threads()
        torch.set_num_threads(n_threads())
        try:
            # One scope for all batches: weights are narrowed once in it.
            with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
                for rows in of_one_length(lengths, _TOKENS):
                    at = sequences.indptr[rows][:, None] + np.arange(lengths[rows[0]])
                    ids = torch.from_numpy(sequences.ids[at]).long()
                    states = self._network(ids).float()
                    vectors = self._network.pooled(states, None, self._pooling)
                    if self._normalise:
                        vectors = F.normalize(vectors, dim=1)
                    found[rows] = vectors.numpy()
                    done(len(rows))
        finally:
            torch.set_num_threads(before)
        return found
