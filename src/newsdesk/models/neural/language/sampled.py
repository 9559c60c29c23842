"""The next word out of tens of thousands: cheap while training, exact when it is measured."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.types import Floats, Indices

__all__ = ["SampledSoftmax", "log_shares", "unigram_perplexity"]

_POWER = 0.75
_ROWS = 2048


class SampledSoftmax(nn.Module):
    """Tells the word that follows from noise words that all states of a batch share.

    The noise is drawn anew for each batch, with replacement, with a probability q that is
    proportional to a word's frequency to the power of 3/4 (Mikolov et al. 2013, "Distributed
    Representations of Words and Phrases and their Compositionality", section 2.2). The log of how
    often a word is expected among S noise words, S q, is taken off its logit, and off that of the
    right word. The true probabilities are then the best answer for every S, and the gradient
    becomes that of the full softmax as S grows (Ma & Collins 2018, "Noise Contrastive Estimation
    and Negative Sampling for Conditional Models: Consistency and Statistical Efficiency", the
    ranking objective of section 3; Jean et al. 2015, equation 8). Both need that noise counts
    against the right word where it is that word: without it, likely words become far too likely.

    Parameters
    ----------
    counts : Indices
        How often each word occurs, shape ``(v,)``; words that never do are no noise.
    n_samples : int
        Noise words S per batch; 0, or as many as there are words, means the full softmax.
    """

    noise: Tensor
    log_expected: Tensor

    def __init__(self, counts: Indices, n_samples: int) -> None:
        super().__init__()
        weights = np.maximum(counts, 0).astype(np.float64) ** _POWER
        share = weights / max(weights.sum(), 1.0)
        self.n_samples = n_samples if n_samples < len(counts) else 0
        with np.errstate(divide="ignore"):
            expected = np.log(share) + math.log(max(self.n_samples, 1))
        self.register_buffer("noise", torch.from_numpy(share.cumsum()), persistent=False)
        rare = float(expected[np.isfinite(expected)].min(initial=0.0))
        expected = np.where(np.isfinite(expected), expected, rare).astype(np.float32)
        self.register_buffer("log_expected", torch.from_numpy(expected), persistent=False)

    def loss(self, states: Tensor, table: RowEmbedding, bias: Tensor, targets: Tensor) -> Tensor:
        """Mean surprise of the words that follow, against noise.

        Parameters
        ----------
        states : Tensor
            Shape ``(m, d)``.
        table : RowEmbedding
            Vectors that decode states, shape ``(v, d)``; the rows that are needed are touched, in
            addition to those that the batch has touched already.
        bias : Tensor
            Shape ``(v,)``.
        targets : Tensor
            Words that follow, shape ``(m,)``.

        Returns
        -------
        Tensor
            One number, in nats; with noise, that of telling a word from the noise.
        """
        if not self.n_samples:
            every = torch.arange(len(bias), device=states.device)
            return F.cross_entropy(F.linear(states, table.more(every), bias), targets)
        drawn = torch.rand(self.n_samples, device=states.device, dtype=torch.float64)
        noise = torch.searchsorted(self.noise, drawn * self.noise[-1], right=True)
        noise = noise.clamp_(max=len(bias) - 1)
        # One look-up for both, each row once: a gradient then has as many rows.
        words, places = torch.unique(torch.cat([targets, noise]), return_inverse=True)
        vectors, lifts = table.more(words), bias[words] - self.log_expected[words]
        right, wrong = places[: len(targets)], places[len(targets) :]
        own = (states * F.embedding(right, vectors)).sum(dim=1) + lifts[right]
        others = torch.addmm(lifts[wrong], states, F.embedding(wrong, vectors).t())
        logits = torch.cat([own[:, None], others], dim=1)
        return (logits.logsumexp(dim=1) - own).mean()

    @staticmethod
    def surprise(states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        """Sum of the surprise of the words that follow, against all words.

        Parameters
        ----------
        states : Tensor
            Shape ``(m, d)``.
        weight : Tensor
            Shape ``(v, d)``.
        bias : Tensor
            Shape ``(v,)``.
        targets : Tensor
            Shape ``(m,)``.

        Returns
        -------
        Tensor
            One number, in nats.
        """
        total = states.new_zeros(())
        for at in range(0, len(states), _ROWS):
            logits = F.linear(states[at : at + _ROWS], weight, bias)
            total += F.cross_entropy(logits, targets[at : at + _ROWS], reduction="sum")
        return total


def log_shares(counts: Indices) -> Floats:
    """How likely each word is to a model that knows how frequent words are, and nothing else.

    The first bias of a decoder: nothing has to be learnt for that then.

    Parameters
    ----------
    counts : Indices
        How often each word occurs in the training text, shape ``(v,)``; one is added to each
        (Laplace), so that no word is impossible.

    Returns
    -------
    Floats
        Logarithms, shape ``(v,)``.
    """
    found: Floats = np.log((counts + 1) / (counts + 1).sum()).astype(np.float32)
    return found


def unigram_perplexity(counts: Indices, ids: NDArray[np.integer[Any]]) -> float:
    """Perplexity of a model that knows how frequent each word is, and nothing else.

    Parameters
    ----------
    counts : Indices
        How often each word occurs in the training text, shape ``(v,)``, as for `log_shares`.
    ids : NDArray[np.integer[Any]]
        Words of the held-out text; at least one.

    Returns
    -------
    float
        From 1 to about v.
    """
    return float(np.exp(-log_shares(counts)[ids].mean(dtype=np.float64)))
