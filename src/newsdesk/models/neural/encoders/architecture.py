"""The shape of an encoder, and the names of its tensors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from newsdesk.errors import ConfigError
from newsdesk.models.neural.encoders.kinds import (
    N_BIAS_BUCKETS,
    Bert,
    DebertaV2,
    Kind,
    ModernBert,
    MPNet,
)

__all__ = ["Activation", "Architecture", "Pooling"]

Activation = Literal["gelu", "gelu-tanh", "relu"]
"""Between the two maps of a layer: the exact GELU, its tanh approximation, or max(x, 0)."""
Pooling = Literal["mean", "cls"]
"""How the states of a text's tokens become its vector: their mean, or the first token's."""

_MOST_LAYERS = 1 << 10
_MOST_POSITIONS = 1 << 16


@dataclass(frozen=True)
class Architecture:
    """Kind and size of an encoder of texts (Vaswani et al. 2017; Devlin et al. 2019).

    A layer is self-attention, then two maps with an activation between them; each of both is added
    to its input and normalised ("post-norm"), or normalised first (`ModernBert`).

    Parameters
    ----------
    n_layers : int
        Layers.
    n_heads : int
        Heads of attention; they divide the width.
    width : int
        Numbers per token.
    inner_width : int
        Numbers per token between the two maps of a layer.
    n_pieces : int
        Word pieces of the vocabulary.
    n_positions : int
        Tokens that a text may have at the most, special ones included.
    activation : Activation
        Between the two maps.
    epsilon : float
        Added to the variance by the normalisations.
    kind : Kind
        In what layers differ, and how they know where a token stands.
    piece_width : int | None
        Numbers of a piece's vector, which a map brings to the width (Lan et al. 2020, "ALBERT",
        section 3.1); None means that there is no such map.
    n_groups : int | None
        Layers with tensors of their own, each of which runs as often as the others, one time
        after the other (Lan et al. 2020, section 3.1); None means all.

    Raises
    ------
    ValueError
        If there are more layers or positions than any encoder has, or groups or heads that cannot
        be.
    """

    n_layers: int
    n_heads: int
    width: int
    inner_width: int
    n_pieces: int
    n_positions: int
    activation: Activation = "gelu"
    epsilon: float = 1e-12
    kind: Kind = field(default_factory=Bert)
    piece_width: int | None = None
    n_groups: int | None = None

    def __post_init__(self) -> None:
        # What no tensor bounds is bounded here: a bundle may claim anything.
        if not (0 < self.n_layers <= _MOST_LAYERS and 0 < self.n_own <= self.n_layers):
            raise ValueError(f"{self.n_layers} layers in {self.n_own} groups cannot be")
        if self.n_heads < 1 or self.width % self.n_heads:
            raise ValueError(f"{self.n_heads} heads of a width of {self.width} cannot be")
        if not self.has_positions and not 0 < self.n_positions <= _MOST_POSITIONS:
            raise ValueError(f"{self.n_positions} positions cannot be")

    @property
    def n_own(self) -> int:
        """Layers with tensors of their own."""
        return self.n_layers if self.n_groups is None else self.n_groups

    @property
    def has_positions(self) -> bool:
        """Whether every position has a vector, which is added to that of the piece."""
        return isinstance(self.kind, Bert | MPNet)

    def own(self, number: int) -> int:
        """Say whose tensors a layer has.

        Parameters
        ----------
        number : int
            Of the layer, from 0 on.

        Returns
        -------
        int
            Number of its tensors, from 0 to `n_own` - 1.
        """
        return number * self.n_own // self.n_layers

    def check_frozen(self, n_layers: int, *, family: str, name: str) -> None:
        """Refuse to freeze more layers than there are.

        Parameters
        ----------
        n_layers : int
            Layers that are to stay as they are.
        family : str
            Name of the family that asks, for the error text.
        name : str
            Name of the encoder, for the error text.

        Raises
        ------
        ConfigError
            If there are fewer.
        """
        if n_layers > self.n_own:
            own = " with tensors of their own" if self.n_own < self.n_layers else ""
            problem = (
                f"Family {family}: frozen_layers is {n_layers}, but {name} has {self.n_own} "
                f"layers{own}."
            )
            raise ConfigError(problem, remedy="Freeze fewer layers.")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each tensor by name.

        A map's weight has the shape ``(n_out, n_in)``. ``positions`` holds what is added to every
        token besides: its position and the first token type. ``places.distances`` holds what
        `MPNet` adds to the scores of each head, or the vectors of `DebertaV2`. ``qkv`` makes
        queries, keys and values, in that order; ``inner`` of a gated layer what is activated, then
        the gate. ``final_norm`` ends the last layer.
        """
        width, piece_width = self.width, self.piece_width or self.width
        found: dict[str, tuple[int, ...]] = {"pieces": (self.n_pieces, piece_width)}
        if self.has_positions:
            found["positions"] = (self.n_positions, piece_width)
        if isinstance(self.kind, MPNet):
            found["places.distances"] = (N_BIAS_BUCKETS, self.n_heads)
        if isinstance(self.kind, DebertaV2):
            found["places.distances"] = (2 * self.kind.n_distances, width)
            found |= self._with_bias("places.distances_norm", width)
        if isinstance(self.kind, ModernBert):
            return found | {"norm.weight": (width,)} | self._pre_norm()
        found |= self._with_bias("norm", piece_width)
        if self.piece_width is not None:
            found |= self._with_bias("projection", width, piece_width)
        return found | self._post_norm()

    def _post_norm(self) -> dict[str, tuple[int, ...]]:
        width, inner = self.width, self.inner_width
        found: dict[str, tuple[int, ...]] = {}
        for number in range(self.n_own):
            name = f"layer.{number}"
            found |= self._with_bias(f"{name}.qkv", 3 * width, width)
            found |= self._with_bias(f"{name}.attended", width, width)
            found |= self._with_bias(f"{name}.inner", inner, width)
            found |= self._with_bias(f"{name}.outer", width, inner)
            found |= self._with_bias(f"{name}.attended_norm", width)
            found |= self._with_bias(f"{name}.outer_norm", width)
        return found

    def _pre_norm(self) -> dict[str, tuple[int, ...]]:
        width, inner = self.width, self.inner_width
        found: dict[str, tuple[int, ...]] = {}
        for number in range(self.n_own):
            name = f"layer.{number}"
            if number:  # what enters the first layer has just been normalised
                found[f"{name}.qkv_norm.weight"] = (width,)
            found[f"{name}.qkv.weight"] = (3 * width, width)
            found[f"{name}.attended.weight"] = (width, width)
            found[f"{name}.inner_norm.weight"] = (width,)
            found[f"{name}.inner.weight"] = (2 * inner, width)
            found[f"{name}.outer.weight"] = (width, inner)
        found[f"layer.{self.n_own - 1}.final_norm.weight"] = (width,)
        return found

    @staticmethod
    def _with_bias(name: str, *shape: int) -> dict[str, tuple[int, ...]]:
        return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
