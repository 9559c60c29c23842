"""The sizes of an AWD-LSTM language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from newsdesk.models.neural.words.shapes import Shapes

__all__ = ["AwdLstmArchitecture"]


@dataclass(frozen=True)
class AwdLstmArchitecture:
    """Word vectors, layers of long short-term memory, and a decoder tied to the word vectors.

    The last layer is as wide as the word vectors, so that these decode it (Merity, Keskar & Socher
    2018, "Regularizing and Optimizing LSTM Language Models", section 4.5).

    Parameters
    ----------
    embedding_dim : int
        Numbers per word; published is 400.
    units : int
        Size of the state of each layer but the last; published is 1,152 (1,150 in the paper).
    layers : int
        Layers; published is 3.
    direction : Literal["forward", "backward"]
        Whether texts are read from their beginning or from their end.
    """

    embedding_dim: int
    units: int
    layers: int
    direction: Literal["forward", "backward"] = "forward"

    @property
    def widths(self) -> tuple[int, ...]:
        """Size of the inputs of each layer, and that of the last layer's state."""
        return (self.embedding_dim, *[self.units] * (self.layers - 1), self.embedding_dim)

    def shapes(self, n_words: int) -> Shapes:
        """Shape of each tensor by name; see `Architecture.shapes`.

        The gates stand in the order i, f, g, o; a bias is the sum of the two that PyTorch keeps.
        """
        found: Shapes = {"embedding": (n_words, self.embedding_dim), "decoder.bias": (n_words,)}
        for layer in range(self.layers):
            n_in, units = self.widths[layer : layer + 2]
            found[f"lstm.{layer}.forward.input"] = 4 * units, n_in
            found[f"lstm.{layer}.forward.recurrent"] = 4 * units, units
            found[f"lstm.{layer}.forward.bias"] = (4 * units,)
        return found
