"""ELMo as torch trains it."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.elmo.architecture import N_CHARACTERS, ElmoArchitecture
from newsdesk.models.neural.elmo.recurrence import recur
from newsdesk.models.neural.language.sampled import SampledSoftmax, log_shares
from newsdesk.models.neural.layers import Convolution, Dense, RowEmbedding, backwards, glorot
from newsdesk.models.neural.wishes import Wishes
from newsdesk.types import Indices

__all__ = ["ElmoNetwork"]

_CARRY = -2.0
"""First bias of the highways' gates: most of a word passes them unchanged (Srivastava, Greff &
Schmidhuber 2015, section 2.1)."""


class _Direction(nn.Module):
    """The weights of one direction of one layer."""

    def __init__(self, units: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        for name in ("input", "recurrent"):
            drawn = glorot(torch.empty(4 * units, width), width, 4 * units, generator)
            self.register_parameter(name, nn.Parameter(drawn))
        bias = torch.zeros(4 * units)
        bias[units : 2 * units] = 1.0
        self.bias = nn.Parameter(bias)
        drawn = glorot(torch.empty(width, units), units, width, generator)
        self.projection = nn.Parameter(drawn)


class _Layer(nn.Module):
    """Both directions of one layer, which know nothing of each other."""

    def __init__(self, architecture: ElmoArchitecture, generator: torch.Generator) -> None:
        super().__init__()
        units, width = architecture.units, architecture.projection_dim
        self.clips = architecture.cell_clip, architecture.projection_clip
        self.ahead = _Direction(units, width, generator)
        self.back = _Direction(units, width, generator)

    def forward(self, x: Tensor) -> Tensor:
        """States of what is read ahead and of what is read from the end, ``(2, t, b, width)``."""
        both = self.ahead, self.back
        into, recurrent, projection = (
            torch.stack([getattr(own, name) for own in both])
            for name in ("input", "recurrent", "projection")
        )
        bias = torch.stack([own.bias for own in both])[:, None]
        projected = torch.baddbmm(bias, x.flatten(1, 2), into.transpose(1, 2))
        return recur(projected.view(*x.shape[:3], -1), recurrent, projection, *self.clips)


class ElmoNetwork(nn.Module):
    """Characters, convolutions, highways, projection, recurrence both ways, and one softmax.

    Peters et al. 2018, "Deep contextualized word representations", section 3.1: the softmax and the
    words' vectors are shared by the directions. See `LanguageNetwork`.

    Parameters
    ----------
    architecture : ElmoArchitecture
        The sizes.
    counts : Indices
        How often each word that can be predicted occurs, shape ``(v,)``.
    n_samples : int
        Noise words of the softmax; 0 takes all words.
    dropout : float
        Share of the numbers between layers that are left out while training.
    generator : torch.Generator
        Source of the first values.
    """

    wishes = Wishes(fused=True)

    def __init__(
        self,
        architecture: ElmoArchitecture,
        counts: Indices,
        n_samples: int,
        dropout: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.architecture, self.dropout = architecture, dropout
        depth, n = architecture.character_dim, architecture.n_filters
        drawn = torch.empty(N_CHARACTERS, depth).normal_(generator=generator)
        self.characters = nn.Parameter(drawn / math.sqrt(depth))
        self.convolution = nn.ModuleList(
            Convolution(depth, filters, width, generator) for width, filters in architecture.filters
        )
        self.highway = nn.ModuleList(
            Dense(n, 2 * n, generator) for _ in range(architecture.highways)
        )
        for layer in self.highway:
            assert isinstance(layer, Dense)
            with torch.no_grad():
                layer.bias[n:] = _CARRY
        self.projection = Dense(n, architecture.projection_dim, generator)
        self.lstm = nn.ModuleList(
            _Layer(architecture, generator) for _ in range(architecture.layers)
        )
        self.decoder = RowEmbedding(len(counts), architecture.projection_dim, generator)
        self.decoder_bias = nn.Parameter(torch.from_numpy(log_shares(counts)))
        self.sampled = SampledSoftmax(counts, n_samples)

    @torch.no_grad()
    def centre(self, characters: Tensor) -> None:
        """Let words begin with vectors of mean 0 and variance 1.

        The largest answers of filters are above zero for every word: what words have in common
        would be most of their vectors, and what tells them apart little of it (Krähenbühl et al.
        2016, "Data-dependent Initializations of Convolutional Neural Networks", section 3.1).

        Parameters
        ----------
        characters : Tensor
            Of words as texts have them, shape ``(m, c)``.
        """
        drawn = self.vectors(characters)
        mean, scale = drawn.mean(dim=0), drawn.std(dim=0, correction=0) + 1e-6
        self.projection.weight.div_(scale[:, None])
        self.projection.bias.sub_(mean).div_(scale)

    def vectors(self, characters: Tensor) -> Tensor:
        """Read words by their characters.

        Parameters
        ----------
        characters : Tensor
            As `square` gives them, shape ``(m, c)``.

        Returns
        -------
        Tensor
            Shape ``(m, projection_dim)``.
        """
        x = F.embedding(characters, self.characters)
        answers = []
        for layer in self.convolution:
            assert isinstance(layer, Convolution)
            width = layer.weight.shape[2]
            n_windows = x.shape[1] - width + 1
            windows = torch.cat([x[:, j : j + n_windows] for j in range(width)], dim=2)
            found = windows @ layer.weight.permute(2, 1, 0).flatten(0, 1)
            answers.append(found.amax(dim=1) + layer.bias)
        own = torch.cat(answers, dim=1)
        own = own.relu() if self.architecture.activation == "relu" else own.tanh()
        for layer in self.highway:
            new, gate = layer(own).chunk(2, dim=1)
            own = own + gate.sigmoid() * (new.relu() - own)
        projected: Tensor = self.projection(own)
        return projected

    def states(self, characters: Tensor, places: Tensor, lengths: Tensor) -> list[Tensor]:
        """Read documents.

        Parameters
        ----------
        characters : Tensor
            Of the distinct words, shape ``(m, c)``.
        places : Tensor
            Word of each step, the beginning and the end of the document included, shape ``(b, t)``.
        lengths : Tensor
            Steps of each document, shape ``(b,)``.

        Returns
        -------
        list[Tensor]
            For the words and for each layer the vectors at all steps, ahead and back, both in
            reading order, shape ``(2, b, t, projection_dim)``.
        """
        x = F.embedding(places, self.vectors(characters))
        found = [torch.stack([x, x])]
        # Each direction reads from its first step to its last.
        x = torch.stack([x.transpose(0, 1), backwards(x, lengths).transpose(0, 1)])
        for number, layer in enumerate(self.lstm):
            x = F.dropout(x, self.dropout, self.training)
            x = layer(x) + x if number else layer(x)
            ahead, back = x.transpose(1, 2)
            found.append(torch.stack([ahead, backwards(back, lengths)]))
        return found

    def forward(
        self, characters: Tensor, places: Tensor, lengths: Tensor, ahead: Tensor, back: Tensor
    ) -> Tensor:
        """Mean loss of the words before and behind each word, against noise.

        Parameters
        ----------
        characters : Tensor
            See `states`.
        places : Tensor
            See `states`.
        lengths : Tensor
            See `states`.
        ahead : Tensor
            The word that follows each step, below 0 where none is asked, shape ``(b, t)``.
        back : Tensor
            The word before it, likewise.

        Returns
        -------
        Tensor
            One number, in nats.
        """
        states, targets = self._asked(characters, places, lengths, ahead, back)
        states = F.dropout(states, self.dropout, self.training)
        return self.sampled.loss(states, self.decoder, self.decoder_bias, targets)

    def surprise(
        self, characters: Tensor, places: Tensor, lengths: Tensor, ahead: Tensor, back: Tensor
    ) -> tuple[Tensor, int]:
        """Surprise of the words of a batch, of both directions together; see `LanguageNetwork`.

        Parameters
        ----------
        characters : Tensor
            See `forward`.
        places : Tensor
            See `forward`.
        lengths : Tensor
            See `forward`.
        ahead : Tensor
            See `forward`.
        back : Tensor
            See `forward`.

        Returns
        -------
        tuple[Tensor, int]
            Sum in nats, and number of words.
        """
        states, targets = self._asked(characters, places, lengths, ahead, back)
        weight = self.decoder.weight
        nats = self.sampled.surprise(states, weight, self.decoder_bias, targets)
        return nats, len(targets)

    def _asked(
        self, characters: Tensor, places: Tensor, lengths: Tensor, ahead: Tensor, back: Tensor
    ) -> tuple[Tensor, Tensor]:
        """States that words are asked of, and the words."""
        top = self.states(characters, places, lengths)[-1]
        targets = torch.stack([ahead, back])
        asked = targets >= 0
        return top[asked], targets[asked]
