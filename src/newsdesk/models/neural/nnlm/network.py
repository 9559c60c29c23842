"""The feed-forward neural language model as torch trains it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.features.sequences import OOV
from newsdesk.models.neural.language.sampled import SampledSoftmax
from newsdesk.models.neural.layers import Dense, RowEmbedding
from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.types import Indices

__all__ = ["NnlmNetwork"]

_SHARE = 0.25
"""Of the places of rare words, read as a bucket."""


class NnlmNetwork(nn.Module):
    """Predicts a word from the vectors of the words before it (Bengio et al. 2003, equation 1).

    ``y = b + U tanh(d + H x)``, x being the vectors of the ``n - 1`` words before, side by side;
    without the direct connections ``W x``. Words of another text, beyond a separator, are not seen:
    zeros stand in their place.

    A word outside the vocabulary is read as its bucket, and so is a word that occurs only once,
    a quarter of the times that it is trained on: buckets learn as words do. A word without a number
    is predicted as ``<OOV>``: a hash says nothing that could be foreseen, and what is foreseen
    stays the same whatever the number of buckets is.

    Parameters
    ----------
    params : NnlmParams
        Settings.
    counts : Indices
        How often each word is to be predicted, ``<OOV>`` and the separator among them; shape
        ``(v,)``.
    buckets : NDArray[np.int32]
        Bucket of each word, `OOV` where it has none; shape ``(v,)``.
    separator : int
        Id of what stands between texts.
    generator : torch.Generator
        Source of the first values.
    """

    other: Tensor

    def __init__(
        self,
        params: NnlmParams,
        counts: Indices,
        buckets: NDArray[np.int32],
        separator: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        n_words, n_before = len(counts), params.window - 1
        self.n_words, self.n_before, self.dropout = n_words, n_before, params.dropout
        self.separator = separator
        n_ids = n_words + params.n_buckets
        other = np.arange(n_ids)
        rare = (counts == 1) & (buckets != OOV)
        other[:n_words][rare] = buckets[rare]
        self.register_buffer("other", torch.from_numpy(other), persistent=False)
        self.embedding = RowEmbedding(n_ids, params.embedding_dim, generator)
        self.hidden = Dense(n_before * params.embedding_dim, params.units, generator)
        self.output = RowEmbedding(n_words, params.units, generator)
        # It begins with what it would learn first: how frequent each word is.
        share = np.log((counts + 1.0) / (counts.sum() + n_words))
        self.bias = nn.Parameter(torch.from_numpy(share.astype(np.float32)))
        self.softmax = SampledSoftmax(counts, params.n_samples)

    @property
    def lookback(self) -> int:
        """Words that are needed before the first of a batch."""
        return self.n_before - 1

    def forward(self, ids: Tensor, following: Tensor, fresh: Tensor) -> Tensor:  # noqa: ARG002
        """Mean loss of the words that follow; see `LanguageNetwork`.

        Parameters
        ----------
        ids : Tensor
            Word ids, shape ``(b, lookback + t)``.
        following : Tensor
            The word behind each of the last t, shape ``(b, t)``.
        fresh : Tensor
            Not asked: nothing is remembered from batch to batch.

        Returns
        -------
        Tensor
            One number, in nats.
        """
        if self.training:
            ids = torch.where(
                torch.rand(ids.shape, device=ids.device) < _SHARE, self.other[ids], ids
            )
        states = F.dropout(self._states(ids), self.dropout, self.training)
        return self.softmax.loss(states, self.output, self.bias, self._targets(following))

    def surprise(self, ids: Tensor, following: Tensor, fresh: Tensor) -> tuple[Tensor, int]:  # noqa: ARG002
        """Sum of the surprise of the words that follow, and their number; see `LanguageNetwork`.

        Parameters
        ----------
        ids : Tensor
            Word ids, shape ``(b, lookback + t)``.
        following : Tensor
            The word behind each of the last t, shape ``(b, t)``.
        fresh : Tensor
            Not asked.

        Returns
        -------
        tuple[Tensor, int]
            In nats, and ``b * t``.
        """
        targets = self._targets(following)
        weight = self.output.weight
        total = self.softmax.surprise(self._states(ids), weight, self.bias, targets)
        return total, len(targets)

    def _targets(self, following: Tensor) -> Tensor:
        return following.masked_fill(following >= self.n_words, OOV).flatten()

    def _states(self, ids: Tensor) -> Tensor:
        """Hidden units before each word that follows, shape ``(b * t, units)``."""
        n, n_steps = self.n_before, ids.shape[1] - self.lookback
        vectors = self.embedding(ids)
        text = (ids == self.separator).cumsum(dim=1)
        last = text[:, n - 1 :]
        # A separator belongs to the text that it stands before.
        seen = [
            vectors[:, at : at + n_steps] * (text[:, at : at + n_steps] == last)[:, :, None]
            for at in range(n)
        ]
        states: Tensor = self.hidden(torch.cat(seen, dim=2)).tanh()
        return states.flatten(0, 1)
