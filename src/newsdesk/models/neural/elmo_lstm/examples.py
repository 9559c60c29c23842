"""Documents as the network over a language model takes them while it trains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from newsdesk.models.neural.elmo_lstm.reading import Activations
from newsdesk.types import Indices

__all__ = ["ElmoExamples"]


@dataclass(frozen=True, eq=False)
class ElmoExamples:
    """Documents as layers of a language model; see `newsdesk.models.neural.examples.Examples`.

    Parameters
    ----------
    activations : Activations
        What the language model says of n documents.
    y : Indices
        Class indices, shape ``(n,)``.
    """

    activations: Activations
    y: Indices

    @property
    def lengths(self) -> Indices:
        """Words of each document, shape ``(n,)``."""
        return self.activations.sequences.lengths

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """Layers of some documents, filled up behind to the longest, and their lengths.

        The words alone are the first layer, once for each direction.

        Parameters
        ----------
        rows : Indices
            Which, shape ``(b,)``.
        device : torch.device
            Where they are to lie.

        Returns
        -------
        tuple[Tensor, ...]
            Layers, shape ``(b, t, layers + 1, width)``, and lengths, shape ``(b,)``.
        """
        vectors, sequences, start, states = self.activations
        lengths = self.lengths[rows]
        half = vectors.shape[1]
        n_layers = states.shape[1] // (2 * half)
        shape = len(rows), int(lengths.max()), n_layers + 1, 2 * half
        layers = np.zeros(shape, dtype=np.float32)
        for own, row, length in zip(layers, rows.tolist(), lengths.tolist(), strict=True):
            first = sequences.indptr[row]
            words = vectors[sequences.ids[first : first + length]]
            own[:length, 0, :half] = own[:length, 0, half:] = words
            above = states[start[row] : start[row] + length]
            own[:length, 1:] = above.reshape(length, n_layers, 2 * half)
        lengths_too = torch.from_numpy(lengths).to(device)
        return torch.from_numpy(layers).to(device), lengths_too
