"""The smallest parts of an encoder in torch; their first values come later."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Affine", "Norm"]


class Affine(nn.Module):
    """An affine map, or a linear one.

    Parameters
    ----------
    n_in : int
        Numbers that it takes.
    n_out : int
        Numbers that it gives.
    biased : bool
        Whether it adds a bias.
    """

    def __init__(self, n_in: int, n_out: int, *, biased: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in))
        self.bias = nn.Parameter(torch.empty(n_out)) if biased else None

    def forward(self, x: Tensor) -> Tensor:
        """Apply it.

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


class Norm(nn.Module):
    """Layer normalisation (Ba, Kiros & Hinton 2016).

    Parameters
    ----------
    width : int
        Numbers per token.
    epsilon : float
        Added to the variance.
    biased : bool
        Whether it adds a bias.
    """

    def __init__(self, width: int, epsilon: float, *, biased: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))
        self.bias = nn.Parameter(torch.empty(width)) if biased else None
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        """Apply it.

        Parameters
        ----------
        x : Tensor
            Shape ``(…, width)``.

        Returns
        -------
        Tensor
            Of the same shape.
        """
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)
