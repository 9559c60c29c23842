"""The shape of an encoder, and the names of its tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from newsdesk.errors import ConfigError

__all__ = ["Activation", "Architecture", "Pooling"]

Activation = Literal["gelu", "gelu-tanh", "relu"]
"""Between the two maps of a layer: the exact GELU, its tanh approximation, or max(x, 0)."""
Pooling = Literal["mean", "cls"]
"""How the states of a text's tokens become its vector: their mean, or the first token's."""


@dataclass(frozen=True)
class Architecture:
    """Size of an encoder of the BERT kind (Devlin et al. 2019; Vaswani et al. 2017).

    A layer is self-attention, then two maps with an activation between them; each of both is added
    to its input and normalised ("post-norm").

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
    """

    n_layers: int
    n_heads: int
    width: int
    inner_width: int
    n_pieces: int
    n_positions: int
    activation: Activation = "gelu"
    epsilon: float = 1e-12

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
        if n_layers > self.n_layers:
            problem = (
                f"Family {family}: frozen_layers is {n_layers}, but {name} has {self.n_layers} "
                "layers."
            )
            raise ConfigError(problem, remedy="Freeze fewer layers.")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each tensor by name.

        A map's weight has the shape ``(n_out, n_in)``. ``positions`` holds what is added to every
        token besides: its position and the first token type. ``qkv`` makes queries, keys and
        values, in that order.
        """
        width, inner = self.width, self.inner_width
        found: dict[str, tuple[int, ...]] = {
            "pieces": (self.n_pieces, width),
            "positions": (self.n_positions, width),
            "norm.weight": (width,),
            "norm.bias": (width,),
        }
        maps = {"qkv": (3 * width, width), "attended": (width, width)}
        maps |= {"inner": (inner, width), "outer": (width, inner)}
        for number in range(self.n_layers):
            for name, shape in maps.items():
                found[f"layer.{number}.{name}.weight"] = shape
                found[f"layer.{number}.{name}.bias"] = shape[:1]
            for name in ("attended_norm", "outer_norm"):
                found[f"layer.{number}.{name}.weight"] = (width,)
                found[f"layer.{number}.{name}.bias"] = (width,)
        return found
