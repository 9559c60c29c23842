"""The layers that networks on words are made of; torch is needed here."""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.types import Floats

__all__ = ["Attention", "Convolution", "Dense", "Lstm", "RowEmbedding", "backwards", "glorot"]


def glorot(weight: Tensor, fan_in: int, fan_out: int, generator: torch.Generator) -> Tensor:
    """Draw weights evenly from an interval that keeps variances (Glorot & Bengio 2010, eq. 16).

    Parameters
    ----------
    weight : Tensor
        Overwritten.
    fan_in : int
        Inputs that an output is summed from.
    fan_out : int
        Outputs that an input goes to.
    generator : torch.Generator
        Source of the draw.

    Returns
    -------
    Tensor
        The same tensor.
    """
    limit = math.sqrt(6 / (fan_in + fan_out))
    with torch.no_grad():
        return weight.uniform_(-limit, limit, generator=generator)


class RowEmbedding(nn.Module):
    """Vectors of words, of which a step touches the rows that its batch holds and no others.

    The gradient is that of the rows of the batch alone: with 50,000 words the update of a whole
    table would cost more than the rest of the network.

    Parameters
    ----------
    n_words : int
        Number of ids.
    width : int
        Numbers per vector.
    generator : torch.Generator
        Source of the first values, even in ±0.05 as in Keras.
    start : Floats | None
        First values instead of drawn ones, shape ``(n_words, width)``.
    frozen : bool
        Whether the vectors stay as they are.
    """

    weight: Tensor

    def __init__(
        self,
        n_words: int,
        width: int,
        generator: torch.Generator,
        start: Floats | None = None,
        *,
        frozen: bool = False,
    ) -> None:
        super().__init__()
        if start is None:
            weight = torch.empty(n_words, width).uniform_(-0.05, 0.05, generator=generator)
        else:
            weight = torch.from_numpy(start.copy())
        self.register_buffer("weight", weight)
        self.frozen = frozen
        self.touched: Tensor | None = None
        """Ids of the last batch that was trained on, each once."""
        self.rows: Tensor | None = None
        """Their vectors, with the gradient."""
        self.further: list[tuple[Tensor, Tensor]] = []
        """Ids and vectors of the further look-ups of the last batch."""

    def forward(self, ids: Tensor) -> Tensor:
        """Look vectors up.

        Parameters
        ----------
        ids : Tensor
            Word ids, any shape.

        Returns
        -------
        Tensor
            Shape of the ids and one axis more.
        """
        if self.frozen or not torch.is_grad_enabled():
            return F.embedding(ids, self.weight)
        self.touched, places = torch.unique(ids, return_inverse=True)
        self.rows = self.weight[self.touched].requires_grad_()
        self.further.clear()
        return F.embedding(places, self.rows)

    def more(self, ids: Tensor) -> Tensor:
        """Look further vectors up for the same batch, such as those that decode a state.

        Parameters
        ----------
        ids : Tensor
            Word ids, each once, shape ``(m,)``.

        Returns
        -------
        Tensor
            Shape ``(m, width)``.
        """
        vectors = self.weight[ids]
        if not self.frozen and torch.is_grad_enabled():
            self.further.append((ids, vectors.requires_grad_()))
        return vectors


class Dense(nn.Module):
    """An affine map with Glorot's first values, as in Keras.

    Parameters
    ----------
    n_in : int
        Inputs.
    n_out : int
        Outputs.
    generator : torch.Generator
        Source of the first values.
    """

    def __init__(self, n_in: int, n_out: int, generator: torch.Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(glorot(torch.empty(n_out, n_in), n_in, n_out, generator))
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x: Tensor) -> Tensor:
        """Map.

        Parameters
        ----------
        x : Tensor
            Shape ``(…, n_in)``.

        Returns
        -------
        Tensor
            Shape ``(…, n_out)``.
        """
        return F.linear(x, self.weight, self.bias)


class Lstm(nn.Module):
    """One direction of one layer of long short-term memory (Hochreiter & Schmidhuber 1997).

    With the forget gate of Gers, Schmidhuber & Cummins 2000, whose bias begins at 1 (Jozefowicz,
    Zaremba & Sutskever 2015, section 2.2); Glorot's first values for the inputs, orthogonal ones
    for the recurrence, as in Keras: with PyTorch's own first values the published BBC network stays
    far behind.

    Parameters
    ----------
    n_in : int
        Inputs per step.
    units : int
        Size of the state.
    generator : torch.Generator
        Source of the first values.
    """

    no_bias: Tensor

    def __init__(self, n_in: int, units: int, generator: torch.Generator) -> None:
        super().__init__()
        self.units = units
        drawn = glorot(torch.empty(4 * units, n_in), n_in, 4 * units, generator)
        self.input = nn.Parameter(drawn)
        normal = torch.empty(4 * units, units).normal_(generator=generator)
        orthogonal, upper = torch.linalg.qr(normal)
        self.recurrent = nn.Parameter((orthogonal * upper.diagonal().sign()).contiguous())
        bias = torch.zeros(4 * units)
        bias[units : 2 * units] = 1.0
        self.bias = nn.Parameter(bias)
        self.register_buffer("no_bias", torch.zeros(4 * units), persistent=False)

    def forward(self, x: Tensor, recurrent_dropout: float = 0.0) -> Tensor:
        """Read sequences from their first step to their last.

        Parameters
        ----------
        x : Tensor
            Shape ``(b, t, n_in)``.
        recurrent_dropout : float
            Share of the recurrent weights that are left out for this batch while training (Merity,
            Keskar & Socher 2018, "Regularizing and Optimizing LSTM Language Models", section 2).

        Returns
        -------
        Tensor
            The states, shape ``(b, t, units)``.
        """
        return self.read_on(x, None, recurrent_dropout)[0]

    def read_on(
        self, x: Tensor, before: tuple[Tensor, Tensor] | None, recurrent_dropout: float = 0.0
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read on where other steps ended.

        Parameters
        ----------
        x : Tensor
            Shape ``(b, t, n_in)``.
        before : tuple[Tensor, Tensor] | None
            State and cell after the steps before, each of shape ``(1, b, units)``; None means
            zeros.
        recurrent_dropout : float
            As in `forward`.

        Returns
        -------
        tuple[Tensor, tuple[Tensor, Tensor]]
            The states, shape ``(b, t, units)``; state and cell after the last step.
        """
        recurrent: Tensor = self.recurrent
        if recurrent_dropout and self.training:
            recurrent = F.dropout(recurrent, recurrent_dropout)
        if before is None:
            zeros = x.new_zeros(1, len(x), self.units)
            before = zeros, zeros
        weights = [self.input, recurrent, self.bias, self.no_bias]
        settings = True, 1, 0.0, self.training, False, True
        if x.device.type == "cpu" and torch.is_autocast_enabled("cpu") and not _lstm_in_bfloat16():
            with torch.autocast("cpu", enabled=False):
                found = torch.lstm(x.float(), [part.float() for part in before], weights, *settings)
        else:
            found = torch.lstm(x, list(before), weights, *settings)
        states, state, cell = found
        return states, (state, cell)


@cache
def _lstm_in_bfloat16() -> bool:
    """Whether oneDNN has an LSTM in bfloat16 for this processor: only those that multiply in it."""
    x, weight, bias = torch.zeros(1, 1, 1), torch.zeros(4, 1), torch.zeros(4)
    weights = [weight, weight, bias, bias]
    try:
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            torch.lstm(x, [x, x], weights, True, 1, 0.0, False, False, True)
    except RuntimeError:
        return False
    return True


class Attention(nn.Module):
    """Weighs the steps of a sequence by what they say (Yang et al. 2016, equations 5 to 7).

    "Hierarchical Attention Networks for Document Classification", section 2.2.

    Parameters
    ----------
    width : int
        Size of a state.
    generator : torch.Generator
        Source of the first values.
    """

    def __init__(self, width: int, generator: torch.Generator) -> None:
        super().__init__()
        drawn = glorot(torch.empty(width, width), width, width, generator)
        self.projection = nn.Parameter(drawn)
        self.bias = nn.Parameter(torch.zeros(width))
        self.query = nn.Parameter(glorot(torch.empty(width), width, 1, generator))

    def forward(self, states: Tensor, beyond: Tensor) -> Tensor:
        """Sum the states up.

        Parameters
        ----------
        states : Tensor
            Shape ``(b, t, width)``.
        beyond : Tensor
            True at the steps behind the end of a row, shape ``(b, t)``.

        Returns
        -------
        Tensor
            Shape ``(b, width)``.
        """
        said = torch.tanh(F.linear(states, self.projection, self.bias)) @ self.query
        share = said.masked_fill(beyond, -torch.inf).softmax(dim=1)
        return torch.einsum("bt,btw->bw", share, states)


def backwards(x: Tensor, lengths: Tensor) -> Tensor:
    """Turn the steps of each row round, those behind its end left where they are.

    Parameters
    ----------
    x : Tensor
        Shape ``(b, t, …)``.
    lengths : Tensor
        Steps of each row, shape ``(b,)``.

    Returns
    -------
    Tensor
        The same shape.
    """
    b, t = x.shape[:2]
    step = torch.arange(t, device=x.device)
    mirrored = lengths[:, None] - 1 - step
    mirrored = torch.where(mirrored < 0, step, mirrored)
    flat = (mirrored + torch.arange(b, device=x.device)[:, None] * t).flatten()
    return x.flatten(0, 1).index_select(0, flat).view(x.shape)


class Convolution(nn.Module):
    """Filters over windows of neighbouring words, and the largest answer of each.

    Kim 2014, "Convolutional Neural Networks for Sentence Classification", equations 2 and 3; with
    Glorot's first values.

    Parameters
    ----------
    n_in : int
        Numbers per word.
    filters : int
        Number of filters.
    width : int
        Words in a window.
    generator : torch.Generator
        Source of the first values.
    """

    def __init__(self, n_in: int, filters: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        empty = torch.empty(filters, n_in, width)
        self.weight = nn.Parameter(glorot(empty, n_in * width, filters * width, generator))
        self.bias = nn.Parameter(torch.zeros(filters))

    def forward(self, x: Tensor, ends: Tensor) -> Tensor:
        """Answer for each row.

        Parameters
        ----------
        x : Tensor
            Shape ``(b, t, n_in)``, t at least the width.
        ends : Tensor
            Where the last window of each row ends at the latest, at least the width, shape
            ``(b,)``.

        Returns
        -------
        Tensor
            Largest rectified answer of each filter, shape ``(b, filters)``.
        """
        width = self.weight.shape[2]
        n_windows = x.shape[1] - width + 1
        # One product of matrices is faster than conv1d, whose backward pass is not made for this.
        windows = torch.cat([x[:, j : j + n_windows] for j in range(width)], dim=2)
        answers = windows @ self.weight.permute(2, 1, 0).flatten(0, 1)
        start = torch.arange(answers.shape[1], device=x.device)
        beyond = start > (ends - width)[:, None]
        largest = answers.masked_fill(beyond[:, :, None], -torch.inf).amax(dim=1)
        # Adding the bias and rectifying keep the order, so both can come last.
        return (largest + self.bias).relu()
