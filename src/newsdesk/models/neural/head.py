"""From the pooled state of a document to its logits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.layers import Dense

__all__ = ["Head"]


class Head(nn.Module):
    """Dense layers of rectified linear units, then one output per class.

    Parameters
    ----------
    n_in : int
        Size of the pooled state.
    hidden : Sequence[int]
        Units of each dense layer.
    n_classes : int
        Number of outputs.
    dropout : float
        Share of the inputs of each layer that are left out while training.
    generator : torch.Generator
        Source of the first values.
    """

    def __init__(
        self,
        n_in: int,
        hidden: Sequence[int],
        n_classes: int,
        dropout: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        sizes = [n_in, *hidden]
        self.dropout = dropout
        self.hidden = nn.ModuleList(
            Dense(size, units, generator) for size, units in zip(sizes, hidden, strict=False)
        )
        self.output = Dense(sizes[-1], n_classes, generator)

    def forward(self, state: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        state : Tensor
            Shape ``(b, n_in)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        for layer in self.hidden:
            state = layer(F.dropout(state, self.dropout, self.training)).relu()
        logits: Tensor = self.output(F.dropout(state, self.dropout, self.training))
        return logits
