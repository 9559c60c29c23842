"""Where the tokens of a batch stand, as the layers of an encoder in torch ask for it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.kinds import (
    N_BIAS_BUCKETS,
    DebertaV2,
    ModernBert,
    MPNet,
    bias_buckets,
    relative_buckets,
    rotations,
)
from newsdesk.models.neural.encoders.network_parts import Norm

__all__ = ["Place", "Places", "apart", "places_of", "within"]


class Place(NamedTuple):
    """Where tokens stand, for one layer."""

    mask: Tensor | None
    """Which tokens are seen, or what is added to scores, as torch's attention takes either."""
    turns: tuple[Tensor, Tensor] | None = None
    """Cosines and sines of each position, shape ``(t, size / 2)``."""
    distances: Tensor | None = None
    """Vectors of the distances -(t - 1) to t - 1 from query to key, shape ``(2t - 1, width)``."""


class Places(nn.Module):
    """Tokens of which every one sees every other one of its text.

    Parameters
    ----------
    architecture : Architecture
        The encoder's shape.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.n_layers = architecture.n_layers
        self.n_positions = architecture.n_positions

    def forward(self, t: int, mask: Tensor | None) -> list[Place]:
        """Say where tokens stand.

        Parameters
        ----------
        t : int
            Tokens of the longest text.
        mask : Tensor | None
            True at the tokens of each text, shape ``(b, 1, 1, t)``; None where texts have one
            length.

        Returns
        -------
        list[Place]
            For each layer.
        """
        return [self._place(t, mask)] * self.n_layers

    def _place(self, t: int, mask: Tensor | None) -> Place:  # noqa: ARG002  others need it
        return Place(mask)

    def _distances(self, t: int, table: Tensor) -> Tensor:
        """What a table holds for the distances -(t - 1) to t - 1."""
        n = self.n_positions
        return F.embedding(self.get_buffer("buckets")[n - t : n + t - 1], table)


class _Biased(Places):
    """See `MPNet`."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__(architecture)
        self.distances = nn.Parameter(torch.empty(N_BIAS_BUCKETS, architecture.n_heads))
        buckets = torch.from_numpy(bias_buckets(self.n_positions))
        self.register_buffer("buckets", buckets, persistent=False)

    def _place(self, t: int, mask: Tensor | None) -> Place:
        added = self._distances(t, self.distances)[apart(t, self.distances.device)]
        added = added.permute(2, 0, 1)[None]
        return Place(added if mask is None else added.masked_fill(~mask, -torch.inf))


class _Disentangled(Places):
    """See `DebertaV2`."""

    def __init__(self, architecture: Architecture, kind: DebertaV2) -> None:
        super().__init__(architecture)
        self.distances = nn.Parameter(torch.empty(2 * kind.n_distances, architecture.width))
        self.distances_norm = Norm(architecture.width, architecture.epsilon)
        buckets = relative_buckets(self.n_positions, kind.n_distances, kind.farthest)
        self.register_buffer("buckets", torch.from_numpy(buckets), persistent=False)

    def _place(self, t: int, mask: Tensor | None) -> Place:
        return Place(mask, distances=self._distances(t, self.distances_norm(self.distances)))


class _Rotary(Places):
    """See `ModernBert`."""

    def __init__(self, architecture: Architecture, kind: ModernBert) -> None:
        super().__init__(architecture)
        self._kind = kind
        size = architecture.width // architecture.n_heads
        for name, theta in ("global", kind.global_theta), ("local", kind.local_theta):
            tables = rotations(self.n_positions, size, theta)
            for part, table in zip(("cosines", "sines"), tables, strict=True):
                self.register_buffer(f"{name}_{part}", torch.from_numpy(table), persistent=False)

    def forward(self, t: int, mask: Tensor | None) -> list[Place]:
        """Say where tokens stand; see `Places.forward`."""
        whole = Place(mask, self._turns("global", t))
        near = Place(self._near(t, mask), self._turns("local", t))
        seen = self._kind.global_layers
        return [whole if number in seen else near for number in range(self.n_layers)]

    def _turns(self, name: str, t: int) -> tuple[Tensor, Tensor]:
        cosines, sines = (self.get_buffer(f"{name}_{part}") for part in ("cosines", "sines"))
        return cosines[:t], sines[:t]

    def _near(self, t: int, mask: Tensor | None) -> Tensor | None:
        reach = self._kind.reach
        if t - 1 <= reach:
            return mask
        near = (apart(t, self.get_buffer("local_sines").device) - (t - 1)).abs()
        if mask is None:
            return (near <= reach)[None, None]
        # Far behind its end no token of a text is near: what stands there sees itself, and is
        # finite. Nobody reads it.
        return (near <= reach) & mask | (near == 0)


def apart(t: int, device: torch.device) -> Tensor:
    """Tell how far tokens stand from each other.

    Parameters
    ----------
    t : int
        Tokens of a text.
    device : torch.device
        Where the numbers are to lie.

    Returns
    -------
    Tensor
        Distance from query to key plus t - 1, which counts it from 0 on; shape ``(t, t)``.
    """
    at = torch.arange(t, device=device)
    return at - at[:, None] + t - 1


def places_of(architecture: Architecture) -> Places:
    """Make what tells the layers of an encoder where tokens stand.

    Parameters
    ----------
    architecture : Architecture
        The encoder's shape.

    Returns
    -------
    Places
        The module; its tensors go by the names of `Architecture.shapes`.
    """
    kind = architecture.kind
    if isinstance(kind, MPNet):
        return _Biased(architecture)
    if isinstance(kind, DebertaV2):
        return _Disentangled(architecture, kind)
    if isinstance(kind, ModernBert):
        return _Rotary(architecture, kind)
    return Places(architecture)


def within(lengths: Tensor, t: int) -> Tensor:
    """Mark the tokens of each text.

    Parameters
    ----------
    lengths : Tensor
        Tokens of each, shape ``(b,)``.
    t : int
        Tokens of the longest.

    Returns
    -------
    Tensor
        True at its tokens, shape ``(b, t)``.
    """
    return torch.arange(t, device=lengths.device) < lengths[:, None]
