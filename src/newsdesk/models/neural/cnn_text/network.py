"""The convolutional network as torch trains it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.cnn_text.params import CnnParams
from newsdesk.models.neural.head import Head
from newsdesk.models.neural.layers import Convolution, RowEmbedding

__all__ = ["ConvolutionalNetwork"]


class ConvolutionalNetwork(nn.Module):
    """Embedding, convolutions of several widths, the largest answer of each filter, dense layers.

    Kim 2014, "Convolutional Neural Networks for Sentence Classification", section 2.

    Parameters
    ----------
    params : CnnParams
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
        params: CnnParams,
        embedding: RowEmbedding,
        n_classes: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.params = params
        self.embedding = embedding
        self.widest = max(params.widths)
        n_in = embedding.weight.shape[1]
        self.convolution = nn.ModuleDict(
            {
                str(width): Convolution(n_in, params.filters, width, generator)
                for width in sorted(params.widths)
            }
        )
        n_state = params.filters * len(params.widths)
        self.head = Head(n_state, params.hidden, n_classes, params.hidden_dropout, generator)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        ids : Tensor
            Word ids, shape ``(b, t)``; those behind the end of a row are not read.
        lengths : Tensor
            Words of each row, 1 to t, shape ``(b,)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        x = F.dropout(self.embedding(ids), self.params.dropout, self.training)
        step = torch.arange(x.shape[1], device=x.device)
        x = x.masked_fill((step >= lengths[:, None])[:, :, None], 0.0)
        # A row that is shorter than the widest window is filled up to it, whatever its batch.
        x = F.pad(x, (0, 0, 0, max(self.widest - x.shape[1], 0)))
        ends = lengths.clamp(min=self.widest)
        found = [layer(x, ends) for layer in self.convolution.values()]
        logits: Tensor = self.head(torch.cat(found, dim=1))
        return logits
