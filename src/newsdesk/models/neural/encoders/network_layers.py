"""The layers of an encoder as torch trains them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.encoders.architecture import Activation, Architecture
from newsdesk.models.neural.encoders.kinds import DebertaV2, ModernBert
from newsdesk.models.neural.encoders.network_parts import Affine, Norm
from newsdesk.models.neural.encoders.network_places import Place, apart

__all__ = ["layer_of"]


class _PostNorm(nn.Module):
    """Attention and two maps, each added to its input and normalised.

    Parameters
    ----------
    architecture : Architecture
        The encoder's shape.
    dropout : float
        Share of the numbers that are left out while training.
    """

    def __init__(self, architecture: Architecture, dropout: float) -> None:
        super().__init__()
        width, epsilon = architecture.width, architecture.epsilon
        self.n_heads = architecture.n_heads
        self.activation = architecture.activation
        self.dropout = dropout
        self.qkv = Affine(width, 3 * width)
        self.attended = Affine(width, width)
        self.attended_norm = Norm(width, epsilon)
        self.inner = Affine(width, architecture.inner_width)
        self.outer = Affine(architecture.inner_width, width)
        self.outer_norm = Norm(width, epsilon)

    def forward(self, x: Tensor, place: Place) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        x : Tensor
            States, shape ``(b, t, width)``.
        place : Place
            Where the tokens stand.

        Returns
        -------
        Tensor
            Of the same shape.
        """
        query, key, value = _heads(self.qkv(x), 3 * self.n_heads).chunk(3, dim=1)
        said = self.attended(_joined(self._seen(query, key, value, place)))
        x = self.attended_norm(x + F.dropout(said, self.dropout, self.training))
        said = self.outer(_activated(self.inner(x), self.activation))
        normed: Tensor = self.outer_norm(x + F.dropout(said, self.dropout, self.training))
        return normed

    def _seen(self, query: Tensor, key: Tensor, value: Tensor, place: Place) -> Tensor:
        """Mix values, shape ``(b, heads, t, size)``."""
        return F.scaled_dot_product_attention(query, key, value, attn_mask=place.mask)


class _Disentangled(_PostNorm):
    """A layer that asks for distances as well; see `DebertaV2`."""

    def _seen(self, query: Tensor, key: Tensor, value: Tensor, place: Place) -> Tensor:
        assert place.distances is not None
        t, size = query.shape[2:]
        distances = _heads(self.qkv(place.distances)[None], 3 * self.n_heads)
        far_query, far_key, _ = distances.chunk(3, dim=1)
        places = apart(t, query.device).expand(*query.shape[:2], t, t)
        by_query = (query @ far_key.transpose(-1, -2)).gather(3, places)
        by_key = (key @ far_query.transpose(-1, -2)).gather(3, places.transpose(-1, -2))
        # Three scores are added up, so their spread is that of three times as wide heads.
        scale = (3 * size) ** -0.5
        added = (by_query + by_key.transpose(-1, -2)) * scale
        if place.mask is not None:
            added = added.masked_fill(~place.mask, -torch.inf)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=added, scale=scale)


class _PreNorm(nn.Module):
    """Attention and a gated map, each of which gets normalised states; see `ModernBert`.

    Parameters
    ----------
    architecture : Architecture
        The encoder's shape.
    dropout : float
        Share of the numbers that are left out while training.
    number : int
        Of the layer: the first does not normalise what it reads, the last does what it gives.
    """

    def __init__(self, architecture: Architecture, dropout: float, number: int) -> None:
        super().__init__()
        width, inner, epsilon = architecture.width, architecture.inner_width, architecture.epsilon
        self.n_heads = architecture.n_heads
        self.activation = architecture.activation
        self.dropout = dropout
        self.qkv_norm = Norm(width, epsilon, biased=False) if number else None
        self.qkv = Affine(width, 3 * width, biased=False)
        self.attended = Affine(width, width, biased=False)
        self.inner_norm = Norm(width, epsilon, biased=False)
        self.inner = Affine(width, 2 * inner, biased=False)
        self.outer = Affine(inner, width, biased=False)
        last = number == architecture.n_layers - 1
        self.final_norm = Norm(width, epsilon, biased=False) if last else None

    def forward(self, x: Tensor, place: Place) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        x : Tensor
            States, shape ``(b, t, width)``.
        place : Place
            Where the tokens stand.

        Returns
        -------
        Tensor
            Of the same shape.
        """
        assert place.turns is not None
        read = x if self.qkv_norm is None else self.qkv_norm(x)
        query, key, value = _heads(self.qkv(read), 3 * self.n_heads).chunk(3, dim=1)
        query, key = _turned(query, *place.turns), _turned(key, *place.turns)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=place.mask)
        x = x + F.dropout(self.attended(_joined(seen)), self.dropout, self.training)
        inner, gate = self.inner(self.inner_norm(x)).chunk(2, dim=-1)
        said = self.outer(_activated(inner, self.activation) * gate)
        x = x + F.dropout(said, self.dropout, self.training)
        return x if self.final_norm is None else self.final_norm(x)


def layer_of(architecture: Architecture, dropout: float, number: int) -> nn.Module:
    """Make a layer.

    Parameters
    ----------
    architecture : Architecture
        The encoder's shape.
    dropout : float
        Share of the numbers that are left out while training.
    number : int
        Of the layer.

    Returns
    -------
    nn.Module
        Takes states, shape ``(b, t, width)``, and a `Place`, and gives states of the same shape.
    """
    if isinstance(architecture.kind, ModernBert):
        return _PreNorm(architecture, dropout, number)
    if isinstance(architecture.kind, DebertaV2):
        return _Disentangled(architecture, dropout)
    return _PostNorm(architecture, dropout)


def _heads(x: Tensor, n: int) -> Tensor:
    """Part numbers among n heads: ``(b, t, n * size)`` to ``(b, n, t, size)``."""
    b, t, width = x.shape
    return x.view(b, t, n, width // n).transpose(1, 2)


def _joined(x: Tensor) -> Tensor:
    b, n, t, size = x.shape
    return x.transpose(1, 2).reshape(b, t, n * size)


def _turned(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Rotate pairs of numbers, half a head apart (Su et al. 2021, equation 34), in 32 bits."""
    first, second = x.float().chunk(2, dim=-1)
    parts = first * cosines - second * sines, second * cosines + first * sines
    return torch.cat(parts, dim=-1).to(x.dtype)


def _activated(x: Tensor, activation: Activation) -> Tensor:
    if activation == "relu":
        return F.relu(x)
    # Hendrycks & Gimpel 2016, "Gaussian Error Linear Units", section 2.
    return F.gelu(x, approximate="tanh" if activation == "gelu-tanh" else "none")
