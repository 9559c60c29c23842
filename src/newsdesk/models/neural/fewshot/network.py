"""Pairs of texts as torch trains an encoder on them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.encoders.architecture import Pooling
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.encoders.tuning import tuning_wishes
from newsdesk.models.neural.fewshot.pairs import Pairs
from newsdesk.types import Indices

__all__ = ["PairExamples", "PairNetwork"]

_BORDER = 0.5
"""Cosine above which two texts count as of one class: half way between the targets 0 and 1 of
Tunstall et al. 2022."""
_TEMPERATURE = 0.2
"""Cosine beyond the border at which the odds are e to 1. Twins have odds of 12 to 1: some of the
gradient is left however near pairs of one class have come to 1, and others to 0."""


class PairNetwork(nn.Module):
    """An encoder that is asked whether two texts are of one class.

    The logit of "the same class" is the cosine of their vectors, above a border and by a
    temperature; that of "different classes" is 0. The loss is the cross-entropy, as for any other
    question of two answers (Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training",
    section 3.2), which at this temperature moves cosines much as their squared distance from 0 or
    1 would (Tunstall et al. 2022).

    Parameters
    ----------
    encoder : EncoderNetwork
        The encoder.
    pooling : Pooling
        How the states of a text become its vector.
    layer_decay : float
        Share of the learning rate of a layer that the layer below it has.
    """

    def __init__(self, encoder: EncoderNetwork, pooling: Pooling, layer_decay: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling: Pooling = pooling
        top = encoder.architecture.n_own
        self.wishes = tuning_wishes(self, encoder, layer_decay, top=top)

    def forward(self, ids: Tensor, lengths: Tensor, pairs: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        ids : Tensor
            Pieces of m texts, shape ``(m, t)``.
        lengths : Tensor
            Pieces of each, shape ``(m,)``.
        pairs : Tensor
            Places of two texts among them, shape ``(b, 2)``.

        Returns
        -------
        Tensor
            Logits of "different classes" and "the same class", shape ``(b, 2)``.
        """
        states = self.encoder(ids, lengths)
        pooled = self.encoder.pooled(states, lengths, self.pooling)
        with torch.autocast(ids.device.type, enabled=False):  # the loss sees every bit of a cosine
            vectors = F.normalize(pooled.float(), dim=1)
            first, second = vectors[pairs[:, 0]], vectors[pairs[:, 1]]
            alike = ((first * second).sum(dim=1) - _BORDER) / _TEMPERATURE
            return torch.stack([torch.zeros_like(alike), alike], dim=1)


class PairExamples:
    """Pairs of texts; see `newsdesk.models.neural.examples.Examples`.

    Parameters
    ----------
    sequences : Sequences
        Pieces of n texts, special ones included.
    pairs : Pairs
        Pairs of them.
    """

    def __init__(self, sequences: Sequences, pairs: Pairs) -> None:
        self.sequences = sequences
        self.pairs = pairs

    @property
    def y(self) -> Indices:
        """Whether both texts are of one class, 1 or 0; shape ``(n_pairs,)``."""
        return self.pairs.same

    @cached_property
    def lengths(self) -> Indices:
        """Pieces of both texts, shape ``(n_pairs,)``."""
        total: Indices = self.sequences.lengths[self.pairs.texts].sum(axis=1)
        return total

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """Texts of some pairs, each once, filled up behind to the longest.

        Parameters
        ----------
        rows : Indices
            Which pairs, shape ``(b,)``.
        device : torch.device
            Where they are to lie.

        Returns
        -------
        tuple[Tensor, ...]
            Pieces, shape ``(m, t)``, lengths, shape ``(m,)``, and the places of the two texts of
            each pair, shape ``(b, 2)``.
        """
        chosen = self.pairs.texts[rows]
        texts, places = np.unique(chosen, return_inverse=True)
        taken = self.sequences.take(texts)
        ids, lengths = torch.from_numpy(taken.rectangle()), torch.from_numpy(taken.lengths)
        pairs = torch.from_numpy(places.reshape(chosen.shape))
        return ids.to(device, torch.long), lengths.to(device), pairs.to(device)
