"""The classifier on an AWD-LSTM as torch trains it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.awd_lstm.network import AwdLstm, layer_groups
from newsdesk.models.neural.layers import Dense
from newsdesk.models.neural.ulmfit.params import UlmfitParams
from newsdesk.models.neural.wishes import Wishes

__all__ = ["BatchNorm", "UlmfitNetwork", "first_epochs", "folded", "rate_factors"]

_EPSILON = 1e-5
_MOMENTUM = 0.1


class BatchNorm(nn.Module):
    """Brings each input to mean 0 and variance 1 over a batch, then scales and shifts it.

    Ioffe & Szegedy 2015, "Batch Normalization", algorithm 1. A batch of one row, which has no
    variance, is brought there by the running ones.

    Parameters
    ----------
    n : int
        Inputs.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, n: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n))
        self.bias = nn.Parameter(torch.zeros(n))
        self.register_buffer("mean", torch.zeros(n))
        self.register_buffer("variance", torch.ones(n))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise.

        Parameters
        ----------
        x : Tensor
            Shape ``(b, n)``.

        Returns
        -------
        Tensor
            The same shape.
        """
        return F.batch_norm(
            x,
            self.mean,
            self.variance,
            self.weight,
            self.bias,
            training=self.training and len(x) > 1,
            momentum=_MOMENTUM,
            eps=_EPSILON,
        )


class _Blocks(nn.Module):
    """Blocks of batch normalisation, dropout, an affine map and a rectified linear unit."""

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
        self.norm = nn.ModuleList(BatchNorm(size) for size in sizes)
        self.hidden = nn.ModuleList(
            Dense(size, units, generator) for size, units in zip(sizes, hidden, strict=False)
        )
        self.output = Dense(sizes[-1], n_classes, generator)

    def forward(self, state: Tensor) -> Tensor:
        """Logits, shape ``(b, n_classes)``."""
        for norm, layer in zip(self.norm, [*self.hidden, self.output], strict=True):
            state = layer(F.dropout(norm(state), self.dropout, self.training))
            if layer is not self.output:
                state = state.relu()
        return state


class UlmfitNetwork(nn.Module):
    """An AWD-LSTM, its last, largest and mean states side by side, and blocks of dense layers.

    Howard & Ruder 2018, section 3.3.

    Parameters
    ----------
    params : UlmfitParams
        Settings.
    encoder : AwdLstm
        Reads.
    n_classes : int
        Number of outputs.
    generator : torch.Generator
        Source of the first values of the blocks.
    """

    def __init__(
        self, params: UlmfitParams, encoder: AwdLstm, n_classes: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.params = params
        self.encoder = encoder
        width = 3 * encoder.layers[-1].units
        self.head = _Blocks(width, params.hidden, n_classes, params.hidden_dropout, generator)
        if params.pretrained:
            n_layers = len(encoder.layers)
            self.wishes = Wishes(
                rate_factors=rate_factors(n_layers, params.rate_decay),
                first_epochs=first_epochs(n_layers) if params.unfreeze else {},
            )
        else:
            self.wishes = Wishes()

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Answer.

        Parameters
        ----------
        ids : Tensor
            Word ids, shape ``(b, t)``; those behind the end of a row do not count.
        lengths : Tensor
            Words of each row, 1 to t, shape ``(b,)``.

        Returns
        -------
        Tensor
            Logits, shape ``(b, n_classes)``.
        """
        states, _ = self.encoder(ids, None, self.params.window)
        last = states[torch.arange(len(lengths), device=lengths.device), lengths - 1]
        beyond = (torch.arange(ids.shape[1], device=ids.device) >= lengths[:, None])[:, :, None]
        largest = states.masked_fill(beyond, -torch.inf).amax(dim=1)
        mean = states.masked_fill(beyond, 0.0).sum(dim=1) / lengths[:, None]
        logits: Tensor = self.head(torch.cat([last, largest, mean], dim=1))
        return logits


def rate_factors(n_layers: int, decay: float) -> dict[str, float]:
    """Shares of the learning rate: ``eta_(l-1) = eta_l / 2.6``, the dense blocks at the full rate.

    Parameters
    ----------
    n_layers : int
        Recurrent layers.
    decay : float
        2.6 in the paper, section 3.2.

    Returns
    -------
    dict[str, float]
        By the names of the weights of `UlmfitNetwork`.
    """
    return {
        name: decay**-depth for depth, names in enumerate(_groups(n_layers), 1) for name in names
    }


def first_epochs(n_layers: int) -> dict[str, int]:
    """Epoch in which each weight begins to move: the dense blocks first, then a layer more each.

    Parameters
    ----------
    n_layers : int
        Recurrent layers.

    Returns
    -------
    dict[str, int]
        By the names of the weights of `UlmfitNetwork`.
    """
    return {name: depth + 1 for depth, names in enumerate(_groups(n_layers), 1) for name in names}


def _groups(n_layers: int) -> list[list[str]]:
    """Names of the encoder's weights in the network, a list per group, the last layer first."""
    return [[f"encoder.{name}" for name in names] for names in layer_groups(n_layers)]


def folded(state: dict[str, NDArray[Any]], n_hidden: int) -> dict[str, NDArray[Any]]:
    """Put batch normalisation into the affine maps behind it, as predicting needs no more.

    ``W (g (x - m) / sqrt(v + e) + b) + c`` is another affine map of x.

    Parameters
    ----------
    state : dict[str, NDArray[Any]]
        State of a `UlmfitNetwork`.
    n_hidden : int
        Dense layers before the last.

    Returns
    -------
    dict[str, NDArray[Any]]
        The same without normalisation.
    """
    found = {name: array for name, array in state.items() if not name.startswith("head.norm.")}
    for number in range(n_hidden + 1):
        layer = "head.output" if number == n_hidden else f"head.hidden.{number}"
        norm = {
            part: state[f"head.norm.{number}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "mean", "variance")
        }
        scale = norm["weight"] / np.sqrt(norm["variance"] + _EPSILON)
        weight = state[f"{layer}.weight"].astype(np.float64)
        shift = weight @ (norm["bias"] - norm["mean"] * scale)
        found[f"{layer}.weight"] = (weight * scale).astype(np.float32)
        found[f"{layer}.bias"] = (state[f"{layer}.bias"] + shift).astype(np.float32)
    return found
