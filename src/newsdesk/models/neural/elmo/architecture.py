"""The sizes of an ELMo language model."""

from __future__ import annotations

from dataclasses import dataclass

from newsdesk.models.neural.words.shapes import Shapes

__all__ = ["N_CHARACTERS", "ElmoArchitecture"]

N_CHARACTERS = 262
"""Ids of characters: 0 fills up, then the 256 bytes of UTF-8, the beginning and the end of a
sentence, the beginning and the end of a word, and the filling within a word (AllenNLP)."""


@dataclass(frozen=True)
class ElmoArchitecture:
    """Characters, convolutions, highways, a projection, and projected LSTM layers both ways.

    Peters et al. 2018, "Deep contextualized word representations", section 3; sizes of the original
    are those of Józefowicz et al. 2016, "Exploring the Limits of Language Modeling", halved.

    Parameters
    ----------
    character_dim : int
        Numbers per character; published is 16.
    filters : tuple[tuple[int, int], ...]
        Width and number of the filters of each convolution; published are (1, 32), (2, 32), (3,
        64), (4, 128), (5, 256), (6, 512) and (7, 1024).
    highways : int
        Highway layers (Srivastava, Greff & Schmidhuber 2015); published are 2.
    projection_dim : int
        Numbers per word and direction; published are 512 (original), 256 (medium), 128 (small).
    units : int
        Size of the cells of each layer and direction; published are 4,096, 2,048 and 1,024.
    layers : int
        Recurrent layers; published are 2.
    longest_word : int
        Characters of a word that are read, beginning and end included; published is 50.
    cell_clip : float
        Largest absolute value of a cell; published is 3; 0 sets no bound.
    projection_clip : float
        Largest absolute value of a projected state; published is 3; 0 sets no bound.
    activation : str
        Of the convolutions: ``relu`` or ``tanh``.
    """

    character_dim: int
    filters: tuple[tuple[int, int], ...]
    highways: int
    projection_dim: int
    units: int
    layers: int = 2
    longest_word: int = 50
    cell_clip: float = 3.0
    projection_clip: float = 3.0
    activation: str = "relu"

    @property
    def n_filters(self) -> int:
        """Filters of all widths."""
        return sum(number for _, number in self.filters)

    def shapes(self, n_words: int) -> Shapes:  # noqa: ARG002  it reads characters
        """Shape of each tensor by name; see `Architecture.shapes`.

        The gates of a layer stand in the order i, f, g, o. A highway's first half is its map, its
        second half its gate, which says how much of the map is let through.
        """
        n, width = self.n_filters, self.projection_dim
        found: Shapes = {"characters": (N_CHARACTERS, self.character_dim)}
        for number, (span, filters) in enumerate(self.filters):
            found[f"convolution.{number}.weight"] = filters, self.character_dim, span
            found[f"convolution.{number}.bias"] = (filters,)
        for number in range(self.highways):
            found[f"highway.{number}.weight"] = 2 * n, n
            found[f"highway.{number}.bias"] = (2 * n,)
        found |= {"projection.weight": (width, n), "projection.bias": (width,)}
        for layer in range(self.layers):
            for direction in ("forward", "backward"):
                name = f"lstm.{layer}.{direction}"
                found[f"{name}.input"] = 4 * self.units, width
                found[f"{name}.recurrent"] = 4 * self.units, width
                found[f"{name}.bias"] = (4 * self.units,)
                found[f"{name}.projection"] = width, self.units
        return found
