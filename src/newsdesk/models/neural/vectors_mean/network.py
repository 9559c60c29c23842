"""The weighted mean of word vectors as torch trains it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.head import Head
from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.vectors_mean.params import VectorsMeanParams
from newsdesk.types import Floats

__all__ = ["MeanNetwork"]


class MeanNetwork(nn.Module):
    """Embedding, weighted mean over the words, dense layers if any, one output per class.

    Parameters
    ----------
    params : VectorsMeanParams
        Settings.
    embedding : RowEmbedding
        Vectors of the words.
    weight : Floats
        Weight of each word, 0 or more, shape ``(n_words,)``.
    n_classes : int
        Number of outputs.
    generator : torch.Generator
        Source of the first values.
    """

    weight: Tensor

    def __init__(
        self,
        params: VectorsMeanParams,
        embedding: RowEmbedding,
        weight: Floats,
        n_classes: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.params = params
        self.embedding = embedding
        self.register_buffer("weight", torch.from_numpy(weight))
        n_in = embedding.weight.shape[1]
        self.head = Head(n_in, params.hidden, n_classes, params.hidden_dropout, generator)

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
        step = torch.arange(ids.shape[1], device=ids.device)
        share = self.weight[ids].masked_fill(step >= lengths[:, None], 0.0)
        share = share / share.sum(dim=1, keepdim=True)
        x = F.dropout(self.embedding(ids), self.params.dropout, self.training)
        logits: Tensor = self.head(torch.bmm(share[:, None], x)[:, 0])
        return logits
