"""The settings of recurrent networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from newsdesk.models.neural.words.params import WordParams

__all__ = ["RecurrentParams"]


@dataclass(frozen=True)
class RecurrentParams(WordParams):
    """Settings of recurrent networks on words.

    Parameters
    ----------
    units : int
        Size of the state of each direction, 1 to 2,048.
    layers : int
        Recurrent layers, 1 to 4.
    bidirectional : bool
        Whether documents are read from both ends.
    pooling : Literal["last", "max", "mean", "attention"]
        What the dense layers see: the state after the last word (of each direction), or the
        largest, the mean or an attentive sum of the states of all words.
    recurrent_dropout : float
        Share of the recurrent weights that are left out for a batch while training; 0 up to below
        1.
    """

    units: int = 128
    layers: int = 1
    bidirectional: bool = True
    pooling: Literal["last", "max", "mean", "attention"] = "max"
    recurrent_dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.units <= 2048, "units", "1 to 2,048")
        self._require(1 <= self.layers <= 4, "layers", "1 to 4")
        self._require(0 <= self.recurrent_dropout < 1, "recurrent_dropout", "0 up to below 1")
