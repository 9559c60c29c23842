"""Dense layers on vectors as torch trains them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.head import Head
from newsdesk.models.neural.perceptron.params import PerceptronParams
from newsdesk.types import Floats, Indices

__all__ = ["PerceptronNetwork", "VectorExamples"]


class PerceptronNetwork(nn.Module):
    """Dense layers, one output per class.

    Parameters
    ----------
    params : PerceptronParams
        Settings.
    n_in : int
        Numbers of a vector.
    n_classes : int
        Number of outputs.
    generator : torch.Generator
        Source of the first values.
    """

    def __init__(
        self, params: PerceptronParams, n_in: int, n_classes: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.params = params
        self.head = Head(n_in, params.hidden, n_classes, params.hidden_dropout, generator)

    def forward(self, vectors: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        vectors : Tensor
            Shape ``(b, n_in)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        logits: Tensor = self.head(F.dropout(vectors, self.params.dropout, self.training))
        return logits


class VectorExamples:
    """Vectors with their classes, see `newsdesk.models.neural.examples.Examples`.

    Parameters
    ----------
    vectors : Floats
        Shape ``(n, width)``.
    y : Indices
        Class indices, shape ``(n,)``.
    """

    def __init__(self, vectors: Floats, y: Indices) -> None:
        self.vectors = vectors
        self.y = y
        self.lengths: Indices = np.ones(len(y), dtype=np.int64)

    def batch(self, rows: Indices, device: torch.device) -> tuple[Tensor, ...]:
        """Vectors of some documents; see `newsdesk.models.neural.examples.Examples.batch`."""
        return (torch.from_numpy(self.vectors[rows]).to(device),)
