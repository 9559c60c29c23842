"""An encoder as torch trains it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.kinds import ModernBert
from newsdesk.models.neural.encoders.network_layers import layer_of
from newsdesk.models.neural.encoders.network_parts import Affine, Norm
from newsdesk.models.neural.encoders.network_places import places_of, within
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
        width, piece_width = architecture.width, architecture.piece_width or architecture.width
        self.pieces = nn.Parameter(torch.empty(architecture.n_pieces, piece_width))
        if architecture.has_positions:
            self.positions = nn.Parameter(torch.empty(architecture.n_positions, piece_width))
        biased = not isinstance(architecture.kind, ModernBert)
        self.norm = Norm(piece_width, architecture.epsilon, biased=biased)
        if architecture.piece_width is not None:
            self.projection = Affine(piece_width, width)
        self.places = places_of(architecture)
        own = range(architecture.n_own)
        self.layer = nn.ModuleList(layer_of(architecture, dropout, number) for number in own)
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
        architecture, t = self.architecture, ids.shape[1]
        x = F.embedding(ids, self.pieces)
        if architecture.has_positions:
            x = x + self.positions[:t]
        x = self.norm(x)
        if architecture.piece_width is not None:
            x = self.projection(x)
        x = F.dropout(x, self.dropout, self.training)
        mask = None
        if lengths is not None and bool((lengths < t).any()):
            # Without a mask attention is faster: texts of one length need none.
            mask = within(lengths, t)[:, None, None, :]
        places = self.places(t, mask)
        for number in range(architecture.n_layers):
            layer, place = self.layer[architecture.own(number)], places[number]
            if self.recompute and torch.is_grad_enabled():
                # Dropout is drawn alike both times: the state of the generator is kept.
                x = checkpoint(layer, x, place, use_reentrant=False)
            else:
                x = layer(x, place)
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
        own = within(lengths, states.shape[1])[:, :, None]
        return states.masked_fill(~own, 0.0).sum(dim=1) / lengths[:, None].to(states.dtype)

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
