"""An encoder as torch trains it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from newsdesk.models.neural.encoders.architecture import Activation, Architecture, Pooling
from newsdesk.types import Floats

__all__ = ["EncoderNetwork"]

_SPREAD = 0.02
"""Standard deviation of first values (Devlin et al. 2019, released code: initializer_range)."""


class EncoderNetwork(nn.Module):
    """Word pieces to states, one per token; its tensors go by the names of `Architecture.shapes`.

    Devlin et al. 2019, "BERT", section 3; Vaswani et al. 2017, "Attention Is All You Need", section
    3.2. Dropout stands behind the embeddings and behind both parts of a layer; the shares of
    attention are not dropped, for which the fast kernels of attention on processors have no place.

    Parameters
    ----------
    architecture : Architecture
        Its shape.
    tensors : Mapping[str, Floats] | None
        First values of all tensors by name; None draws them.
    dropout : float
        Share of the numbers that are left out while training.
    generator : torch.Generator
        Source of drawn values.
    recompute : bool
        Whether the backward pass computes the inside of each layer anew instead of remembering it
        (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"): the same gradients for
        a third more time and a fraction of the memory.
    """

    def __init__(
        self,
        architecture: Architecture,
        tensors: Mapping[str, Floats] | None,
        dropout: float,
        generator: torch.Generator,
        *,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.dropout = dropout
        self.recompute = recompute
        width = architecture.width
        self.pieces = nn.Parameter(torch.empty(architecture.n_pieces, width))
        self.positions = nn.Parameter(torch.empty(architecture.n_positions, width))
        self.norm = _Norm(width, architecture.epsilon)
        self.layer = nn.ModuleList(
            _Layer(architecture, dropout) for _ in range(architecture.n_layers)
        )
        if tensors is None:
            self._draw(generator)
        else:
            found = {name: torch.from_numpy(array.copy()) for name, array in tensors.items()}
            self.load_state_dict(found)

    def _draw(self, generator: torch.Generator) -> None:
        with torch.no_grad():
            for name, weight in self.named_parameters():
                if weight.ndim > 1:
                    weight.normal_(0.0, _SPREAD, generator=generator)
                else:
                    weight.fill_(1.0 if name.endswith("norm.weight") else 0.0)

    def forward(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Read texts.

        Parameters
        ----------
        ids : Tensor
            Word pieces, filled up behind with any, shape ``(b, t)``.
        lengths : Tensor | None
            Pieces of each text, at least 1, shape ``(b,)``; None means t for all.

        Returns
        -------
        Tensor
            The states, shape ``(b, t, width)``; those behind the end of a text mean nothing.
        """
        t = ids.shape[1]
        within = None
        if lengths is not None and bool((lengths < t).any()):
            # Without a mask attention is faster: texts of one length need none.
            within = _within(lengths, t)[:, None, None, :]
        normed = self.norm(F.embedding(ids, self.pieces) + self.positions[:t])
        x: Tensor = F.dropout(normed, self.dropout, self.training)
        for layer in self.layer:
            if self.recompute and torch.is_grad_enabled():
                # Dropout is drawn alike both times: the state of the generator is kept.
                x = checkpoint(layer, x, within, use_reentrant=False)
            else:
                x = layer(x, within)
        return x

    @staticmethod
    def pooled(states: Tensor, lengths: Tensor | None, pooling: Pooling) -> Tensor:
        """Make one vector of the states of a text.

        Parameters
        ----------
        states : Tensor
            Shape ``(b, t, width)``.
        lengths : Tensor | None
            Pieces of each text, shape ``(b,)``; None means t for all.
        pooling : Pooling
            ``mean`` of the states of a text, or the first one (``cls``).

        Returns
        -------
        Tensor
            Shape ``(b, width)``.
        """
        if pooling == "cls":
            return states[:, 0]
        if lengths is None:
            return states.mean(dim=1)
        within = _within(lengths, states.shape[1])[:, :, None]
        return states.masked_fill(~within, 0.0).sum(dim=1) / lengths[:, None].to(states.dtype)

    def freeze(self, n_layers: int) -> None:
        """Keep embeddings and the lower layers as they are: they get no gradient.

        Parameters
        ----------
        n_layers : int
            Layers, from the lowest on.
        """
        for name, weight in self.named_parameters():
            if self.height(name) <= n_layers:
                weight.requires_grad_(False)

    @staticmethod
    def height(name: str) -> int:
        """Say where in the network a tensor stands.

        Parameters
        ----------
        name : str
            Of the tensor.

        Returns
        -------
        int
            0 for embeddings, 1 for the lowest layer, and so on.

        Examples
        --------
        >>> EncoderNetwork.height("positions"), EncoderNetwork.height("layer.4.qkv.bias")
        (0, 5)
        """
        first, _, rest = name.partition(".")
        return int(rest.partition(".")[0]) + 1 if first == "layer" else 0


class _Affine(nn.Module):
    """A map whose first values come later."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in))
        self.bias = nn.Parameter(torch.empty(n_out))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


class _Norm(nn.Module):
    """Layer normalisation (Ba, Kiros & Hinton 2016)."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))
        self.bias = nn.Parameter(torch.empty(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)


class _Layer(nn.Module):
    """Attention and two maps, each added to its input and normalised."""

    def __init__(self, architecture: Architecture, dropout: float) -> None:
        super().__init__()
        width, epsilon = architecture.width, architecture.epsilon
        self.n_heads = architecture.n_heads
        self.activation = architecture.activation
        self.dropout = dropout
        self.qkv = _Affine(width, 3 * width)
        self.attended = _Affine(width, width)
        self.attended_norm = _Norm(width, epsilon)
        self.inner = _Affine(width, architecture.inner_width)
        self.outer = _Affine(architecture.inner_width, width)
        self.outer_norm = _Norm(width, epsilon)

    def forward(self, x: Tensor, within: Tensor | None) -> Tensor:
        b, t, width = x.shape
        heads = self.qkv(x).view(b, t, 3, self.n_heads, width // self.n_heads)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=within)
        said = self.attended(seen.transpose(1, 2).reshape(b, t, width))
        x = self.attended_norm(x + F.dropout(said, self.dropout, self.training))
        said = self.outer(_activated(self.inner(x), self.activation))
        normed: Tensor = self.outer_norm(x + F.dropout(said, self.dropout, self.training))
        return normed


def _activated(x: Tensor, activation: Activation) -> Tensor:
    if activation == "relu":
        return F.relu(x)
    # Hendrycks & Gimpel 2016, "Gaussian Error Linear Units", section 2.
    return F.gelu(x, approximate="tanh" if activation == "gelu-tanh" else "none")


def _within(lengths: Tensor, t: int) -> Tensor:
    """True at the tokens of each text, shape ``(b, t)``."""
    return torch.arange(t, device=lengths.device) < lengths[:, None]
