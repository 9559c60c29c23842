"""The AWD-LSTM as torch trains it, and the language model on it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.language.sampled import SampledSoftmax
from newsdesk.models.neural.layers import Lstm, RowEmbedding
from newsdesk.models.neural.wishes import Wishes
from newsdesk.types import Indices

__all__ = ["AwdLstm", "AwdLstmModel", "Dropouts", "State", "layer_groups", "locked"]

State = list[tuple[Tensor, Tensor]]
"""State and cell of each layer, each of shape ``(1, b, units)``."""


class Dropouts(NamedTuple):
    """The shares that are left out while training; see `AwdLstmParams`."""

    embedding: float
    """p_e, of the words."""
    input: float
    """p_i, of the numbers of word vectors."""
    weight: float
    """p_w, of the recurrent weights."""
    hidden: float
    """p_h, of the numbers between layers."""
    output: float
    """p_o, of the numbers of the last state."""

    @classmethod
    def of(cls, settings: object, scale: float = 1.0) -> Dropouts:
        """Take them out of settings.

        Parameters
        ----------
        settings : object
            Settings with ``embedding_dropout``, ``input_dropout`` and so on.
        scale : float
            Factor of all.

        Returns
        -------
        Dropouts
            The shares.
        """
        return cls(*(scale * getattr(settings, f"{name}_dropout") for name in cls._fields))


def layer_groups(n_layers: int) -> list[list[str]]:
    """Names of the weights of an `AwdLstm` that move alike.

    Parameters
    ----------
    n_layers : int
        Recurrent layers.

    Returns
    -------
    list[list[str]]
        Those of each layer, the last layer first, and of the word vectors at the end.
    """
    layers = [
        [f"lstm.{layer}.{part}" for part in ("input", "recurrent", "bias")]
        for layer in reversed(range(n_layers))
    ]
    return [*layers, ["embedding.weight"]]


def locked(x: Tensor, share: float, training: bool) -> Tensor:
    """Leave the same numbers out at each step of a row.

    Gal & Ghahramani 2016, "A Theoretically Grounded Application of Dropout in Recurrent Neural
    Networks", section 4.1.

    Parameters
    ----------
    x : Tensor
        Shape ``(b, t, d)``.
    share : float
        Left out; what stays is scaled up for it.
    training : bool
        Whether anything is left out.

    Returns
    -------
    Tensor
        The same shape.
    """
    if not training or not share:
        return x
    return x * F.dropout(x.new_ones(len(x), 1, x.shape[2]), share)


class AwdLstm(nn.Module):
    """Word vectors and layers of long short-term memory, under dropout of five kinds.

    Parameters
    ----------
    architecture : AwdLstmArchitecture
        The sizes.
    n_words : int
        Words of the vocabulary.
    dropouts : Dropouts
        What is left out while training.
    generator : torch.Generator
        Source of the first values.
    start : Mapping[str, NDArray[Any]] | None
        First values instead of drawn ones, named as in an encoder folder.
    """

    def __init__(
        self,
        architecture: AwdLstmArchitecture,
        n_words: int,
        dropouts: Dropouts,
        generator: torch.Generator,
        start: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        super().__init__()
        self.dropouts = dropouts
        vectors = None if start is None else np.asarray(start["embedding"], dtype=np.float32)
        self.embedding = RowEmbedding(n_words, architecture.embedding_dim, generator, vectors)
        widths = architecture.widths
        self._layers = [Lstm(n_in, units, generator) for n_in, units in pairwise(widths)]
        self.lstm = nn.ModuleList(self._layers)
        if start is not None:
            for number, layer in enumerate(self._layers):
                for part in ("input", "recurrent", "bias"):
                    value = start[f"lstm.{number}.forward.{part}"]
                    with torch.no_grad():
                        getattr(layer, part).copy_(torch.from_numpy(np.array(value)))

    @property
    def layers(self) -> list[Lstm]:
        """The layers, the lowest first."""
        return self._layers

    def forward(
        self, ids: Tensor, before: State | None = None, window: int = 0
    ) -> tuple[Tensor, State]:
        """Read words.

        Parameters
        ----------
        ids : Tensor
            Word ids, shape ``(b, t)``.
        before : State | None
            Where the steps before ended; None means the beginning of a text.
        window : int
            Steps through which gradients go back from one step to an earlier one; 0 sets no bound.

        Returns
        -------
        tuple[Tensor, State]
            The last layer's states before dropout, shape ``(b, t, embedding_dim)``; and where
            these steps ended.
        """
        dropouts = self.dropouts
        x = self.embedding(ids)
        if self.training and dropouts.embedding:
            kept = F.dropout(x.new_ones(len(self.embedding.weight)), dropouts.embedding)
            x = x * F.embedding(ids, kept[:, None])
        x = locked(x, dropouts.input, self.training)
        ends: State = []
        for number, layer in enumerate(self.layers):
            if number:
                x = locked(x, dropouts.hidden, self.training)
            end, read = None if before is None else before[number], []
            for part in torch.split(x, window or x.shape[1], dim=1):
                states, (state, cell) = layer.read_on(part, end, dropouts.weight)
                end = state.detach(), cell.detach()
                read.append(states)
            x = read[0] if len(read) == 1 else torch.cat(read, dim=1)
            assert end is not None, "there is a step"
            ends.append(end)
        return x, ends

    def tensors(self) -> dict[str, NDArray[Any]]:
        """The weights as an encoder folder names them.

        Returns
        -------
        dict[str, NDArray[Any]]
            Float32 arrays, copied.
        """
        found = {"embedding": self.embedding.weight}
        for number, layer in enumerate(self._layers):
            for part in ("input", "recurrent", "bias"):
                found[f"lstm.{number}.forward.{part}"] = getattr(layer, part).detach()
        return {name: tensor.cpu().numpy().copy() for name, tensor in found.items()}


class AwdLstmModel(nn.Module):
    """An AWD-LSTM that predicts the next word, by the vectors that it reads words with.

    Where a window of text ends, the next one is read on. Its state belongs to the network's, so
    that an interrupted training goes on with the same bits.

    Parameters
    ----------
    encoder : AwdLstm
        Reads.
    counts : Indices
        How often each word occurs in the training text, shape ``(n_words,)``.
    n_samples : int
        Noise words; 0 takes all words.
    strips : int
        Strips of text that are read side by side while training.
    bias : NDArray[Any] | None
        First values of the decoder's bias; None means zeros.
    rate_factors : Mapping[str, float] | None
        Shares of the learning rate by the names of the encoder's weights; None means 1.
    """

    def __init__(
        self,
        encoder: AwdLstm,
        counts: Indices,
        n_samples: int,
        *,
        strips: int,
        bias: NDArray[Any] | None = None,
        rate_factors: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.softmax = SampledSoftmax(counts, n_samples)
        start = torch.zeros(len(counts)) if bias is None else torch.from_numpy(np.array(bias))
        self.bias = nn.Parameter(start)
        for number, layer in enumerate(encoder.layers):
            for part in ("state", "cell"):
                self.register_buffer(f"{part}_{number}", torch.zeros(1, strips, layer.units))
        self._measuring: State | None = None
        factors = {f"encoder.{name}": share for name, share in (rate_factors or {}).items()}
        self.wishes = Wishes(rate_factors=factors, fused=True)

    def forward(self, ids: Tensor, following: Tensor, fresh: Tensor) -> Tensor:
        """Mean loss of the words of a window; see `LanguageNetwork`.

        Parameters
        ----------
        ids : Tensor
            Word ids, shape ``(strips, t)``.
        following : Tensor
            The words that follow each, shape ``(strips, t)``.
        fresh : Tensor
            Whether the strips begin here.

        Returns
        -------
        Tensor
            One number.
        """
        numbers = range(len(self.encoder.layers))
        held = [(getattr(self, f"state_{at}"), getattr(self, f"cell_{at}")) for at in numbers]
        states, ends = self.encoder(ids, None if fresh else held)
        for at, (state, cell) in enumerate(ends):  # exchanged: the gradient needs the old ones
            # Mixed precision gives them in bfloat16, which no checkpoint can hold.
            setattr(self, f"state_{at}", state.float())
            setattr(self, f"cell_{at}", cell.float())
        states = locked(states, self.encoder.dropouts.output, self.training)
        return self.softmax.loss(
            states.flatten(0, 1), self.encoder.embedding, self.bias, following.flatten()
        )

    def surprise(self, ids: Tensor, following: Tensor, fresh: Tensor) -> tuple[Tensor, int]:
        """Sum of the surprise of the words of a window, and their number; see `LanguageNetwork`.

        Parameters
        ----------
        ids : Tensor
            Word ids, shape ``(b, t)``.
        following : Tensor
            The words that follow each, shape ``(b, t)``.
        fresh : Tensor
            Whether the strips begin here.

        Returns
        -------
        tuple[Tensor, int]
            In nats.
        """
        states, self._measuring = self.encoder(ids, None if fresh else self._measuring)
        table = self.encoder.embedding.weight
        nats = self.softmax.surprise(states.flatten(0, 1), table, self.bias, following.flatten())
        return nats, following.numel()
