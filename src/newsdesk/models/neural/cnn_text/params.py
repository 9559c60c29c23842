"""The settings of family ``cnn-text``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from newsdesk.models.neural.words.params import WordParams

__all__ = ["CnnParams"]


@dataclass(frozen=True)
class CnnParams(WordParams):
    """Settings of family ``cnn-text``.

    Parameters
    ----------
    embedding_dim : int
        Numbers per word, 1 to 4,096.
    widths : tuple[int, ...]
        Words in a window, each once; one to eight widths of 1 to 20.
    filters : int
        Filters of each width, 1 to 4,096.
    """

    family: ClassVar[str] = "cnn-text"

    embedding_dim: int = 100
    widths: tuple[int, ...] = (3, 4, 5)
    filters: int = 100
    dropout: float = 0.3
    hidden_dropout: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.embedding_dim <= 4096, "embedding_dim", "1 to 4,096")
        own = set(self.widths)
        fit = 1 <= len(own) == len(self.widths) <= 8 and all(1 <= width <= 20 for width in own)
        self._require(fit, "widths", "one to eight different widths of 1 to 20")
        self._require(1 <= self.filters <= 4096, "filters", "1 to 4,096")
