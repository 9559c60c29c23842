"""The network over an ELMo language model, as torch trains it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.forward.contextual import EPSILON
from newsdesk.models.neural.recurrent.network import RecurrentReading
from newsdesk.models.neural.recurrent.params import RecurrentParams
from newsdesk.models.neural.wishes import Wishes

__all__ = ["ElmoLstmNetwork", "ScalarMix"]

_TOGETHER = 8192
"""Words, filling among them, that are measured at once: their vectors of all layers are large."""


class ScalarMix(nn.Module):
    """A weighted sum of layers that is learnt: ``gamma * sum(softmax(s)_j h_j)``.

    Peters et al. 2018, "Deep contextualized word representations", equation 1. At first all layers
    weigh alike.

    Parameters
    ----------
    n_layers : int
        Layers, that of the words alone included.
    norm : bool
        Whether each vector of each layer is brought to mean 0 and variance 1 first.
    """

    def __init__(self, n_layers: int, *, norm: bool) -> None:
        super().__init__()
        self.norm = norm
        self.weights = nn.Parameter(torch.zeros(n_layers))
        self.gamma = nn.Parameter(torch.ones(1))

    def forward(self, layers: Tensor) -> Tensor:
        """Mix.

        Parameters
        ----------
        layers : Tensor
            Shape ``(b, t, n_layers, width)``.

        Returns
        -------
        Tensor
            Shape ``(b, t, width)``.
        """
        if self.norm:
            layers = F.layer_norm(layers, layers.shape[-1:], eps=EPSILON)
        shares = self.weights.softmax(dim=0) * self.gamma
        return torch.einsum("j,btjw->btw", shares, layers)


class ElmoLstmNetwork(RecurrentReading):
    """Mixed layers, dropout, long short-term memory, pooling, dense layers.

    Parameters
    ----------
    params : RecurrentParams
        Settings.
    n_layers : int
        Layers of the language model, that of the words alone included.
    width : int
        Numbers of a layer.
    n_classes : int
        Number of outputs.
    generator : torch.Generator
        Source of the first values.
    norm : bool
        Whether layers are normalised before they are mixed.
    """

    wishes = Wishes(tokens_together=_TOGETHER)

    def __init__(
        self,
        params: RecurrentParams,
        n_layers: int,
        width: int,
        n_classes: int,
        generator: torch.Generator,
        *,
        norm: bool,
    ) -> None:
        super().__init__(params, width, n_classes, generator)
        self.mix = ScalarMix(n_layers, norm=norm)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        x : Tensor
            Layers of the language model, shape ``(b, t, n_layers, width)``.
        lengths : Tensor
            Words of each row, 1 to t, shape ``(b,)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        return super().forward(self.mix(x), lengths)
