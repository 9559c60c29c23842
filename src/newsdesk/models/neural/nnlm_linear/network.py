"""The network of family ``nnlm-linear`` as torch trains it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.head import Head
from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.nnlm_linear.params import NnlmLinearParams

__all__ = ["LinearNetwork"]


class LinearNetwork(nn.Module):
    """Word vectors, their sum over the root of their number, one output per class.

    Parameters
    ----------
    params : NnlmLinearParams
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
        params: NnlmLinearParams,
        embedding: RowEmbedding,
        n_classes: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.dropout, self.embedding = params.dropout, embedding
        n_in = embedding.weight.shape[1]
        self.head = Head(n_in, (), n_classes, params.hidden_dropout, generator)

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
        share = (step < lengths[:, None]) / lengths[:, None].sqrt()
        vectors = F.dropout(self.embedding(ids), self.dropout, self.training)
        logits: Tensor = self.head(torch.bmm(share[:, None], vectors)[:, 0])
        return logits
