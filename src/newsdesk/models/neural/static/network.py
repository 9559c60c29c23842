"""The network of family ``static`` as torch trains it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.layers import Dense, RowEmbedding
from newsdesk.types import Floats

__all__ = ["StaticNetwork"]


class StaticNetwork(nn.Module):
    """Vectors, their sum with weights of Euclidean length 1, one output per class.

    Parameters
    ----------
    vectors : Floats
        First vectors of the words and pairs, shape ``(n_entries, dims)``.
    weight : Floats
        Weight of each, above 0 but for ``<pad>``, shape ``(n_entries,)``.
    n_classes : int
        Number of outputs.
    dropout : float
        Share of the words and pairs of a row that are left out while training.
    vector_dropout : float
        Share of the numbers of the sum that are left out while training.
    generator : torch.Generator
        Source of the first values.
    """

    weight: Tensor

    def __init__(
        self,
        vectors: Floats,
        weight: Floats,
        n_classes: int,
        dropout: float,
        vector_dropout: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        n_entries, dims = vectors.shape
        self.dropout, self.vector_dropout = dropout, vector_dropout
        self.embedding = RowEmbedding(n_entries, dims, generator, vectors)
        self.register_buffer("weight", torch.from_numpy(weight))
        self.output = Dense(dims, n_classes, generator)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        ids : Tensor
            Numbers of words and pairs, shape ``(b, t)``; those behind the end of a row are not
            read.
        lengths : Tensor
            Words and pairs of each row, 1 to t, shape ``(b,)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        step = torch.arange(ids.shape[1], device=ids.device)
        share = self.weight[ids].masked_fill(step >= lengths[:, None], 0.0)
        share = share / share.norm(dim=1, keepdim=True)
        share = F.dropout(share, self.dropout, self.training)
        summed = torch.bmm(share[:, None], self.embedding(ids))[:, 0]
        logits: Tensor = self.output(F.dropout(summed, self.vector_dropout, self.training))
        return logits
