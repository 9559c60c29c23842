"""The recurrent network as torch trains it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.head import Head
from newsdesk.models.neural.layers import Attention, Lstm, RowEmbedding, backwards
from newsdesk.models.neural.recurrent.params import RecurrentParams

__all__ = ["RecurrentNetwork", "RecurrentReading"]


class _Layer(nn.Module):
    """One layer, in one or both directions."""

    def __init__(
        self, n_in: int, units: int, generator: torch.Generator, *, bidirectional: bool
    ) -> None:
        super().__init__()
        self.ahead = Lstm(n_in, units, generator)
        self.back = Lstm(n_in, units, generator) if bidirectional else None

    def forward(
        self, x: Tensor, lengths: Tensor, recurrent_dropout: float
    ) -> tuple[Tensor, Tensor | None]:
        """States read ahead, and those read from the end, in the order in which they were read."""
        ahead = self.ahead(x, recurrent_dropout)
        if self.back is None:
            return ahead, None
        return ahead, self.back(backwards(x, lengths), recurrent_dropout)


class RecurrentReading(nn.Module):
    """Dropout, long short-term memory, pooling, dense layers: all but the vectors of words.

    A document is read up to its own end, whatever else is in its batch: the direction that reads
    from the end begins at the document's last word.

    Parameters
    ----------
    params : RecurrentParams
        Settings.
    n_in : int
        Numbers per word.
    n_classes : int
        Number of outputs.
    generator : torch.Generator
        Source of the first values.
    """

    def __init__(
        self, params: RecurrentParams, n_in: int, n_classes: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.params = params
        width = params.units * (1 + params.bidirectional)
        widths = [n_in, *[width] * (params.layers - 1)]
        self.lstm = nn.ModuleList(
            _Layer(n_in, params.units, generator, bidirectional=params.bidirectional)
            for n_in in widths
        )
        self.attention = Attention(width, generator) if params.pooling == "attention" else None
        self.head = Head(width, params.hidden, n_classes, params.hidden_dropout, generator)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        x : Tensor
            Vectors of words, shape ``(b, t, n_in)``; those behind the end of a row are not read.
        lengths : Tensor
            Words of each row, 1 to t, shape ``(b,)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        params = self.params
        x = F.dropout(x, params.dropout, self.training)
        for number, layer in enumerate(self.lstm):
            if number:
                x = F.dropout(x, params.dropout, self.training)
            ahead, back = layer(x, lengths, params.recurrent_dropout)
            if number < len(self.lstm) - 1 or params.pooling != "last":
                x = ahead
                if back is not None:
                    x = torch.cat([ahead, backwards(back, lengths)], dim=2)
        logits: Tensor = self.head(self._pooled(x, ahead, back, lengths))
        return logits

    def _pooled(self, x: Tensor, ahead: Tensor, back: Tensor | None, lengths: Tensor) -> Tensor:
        """One state per row of the states of all steps, or of the directions as they were read."""
        if self.params.pooling == "last":
            last = torch.arange(len(lengths), device=lengths.device), lengths - 1
            ends = [states[last] for states in (ahead, back) if states is not None]
            return torch.cat(ends, dim=1)
        beyond = torch.arange(x.shape[1], device=x.device) >= lengths[:, None]
        if self.attention is not None:
            pooled: Tensor = self.attention(x, beyond)
            return pooled
        if self.params.pooling == "max":
            return x.masked_fill(beyond[:, :, None], -torch.inf).amax(dim=1)
        total = x.masked_fill(beyond[:, :, None], 0.0).sum(dim=1)
        return total / lengths[:, None]


class RecurrentNetwork(RecurrentReading):
    """Vectors of words and what reads them.

    Parameters
    ----------
    params : RecurrentParams
        Settings.
    embedding : RowEmbedding
        Vectors of the words.
    n_classes : int
        Number of outputs.
    generator : torch.Generator
        Source of the first values.
    """

    def __init__(
        self,
        params: RecurrentParams,
        embedding: RowEmbedding,
        n_classes: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__(params, embedding.weight.shape[1], n_classes, generator)
        self.embedding = embedding

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Answer; see `RecurrentReading.forward`.

        Parameters
        ----------
        x : Tensor
            Word ids, shape ``(b, t)``; those behind the end of a row are not read.
        lengths : Tensor
            Words of each row, 1 to t, shape ``(b,)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        return super().forward(self.embedding(x), lengths)
