"""The settings of ELMo's training, and its sizes by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from newsdesk.models.neural.elmo.architecture import ElmoArchitecture
from newsdesk.models.neural.language.params import PretrainParams
from newsdesk.models.neural.schedules import Schedule

__all__ = ["ElmoParams"]

_SMALL: dict[str, Any] = {
    "filters": ((1, 32), (2, 32), (3, 64), (4, 128), (5, 128)),
    "highways": 1,
    "projection_dim": 256,
    "units": 128,
}
_BASE: dict[str, Any] = {
    "filters": ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256)),
    "highways": 1,
    "projection_dim": 256,
    "units": 1024,
    "batch_size": 64,
}
_PAPER: dict[str, Any] = {
    "filters": ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024)),
    "highways": 2,
    "projection_dim": 512,
    "units": 4096,
    "n_samples": 8192,
    "batch_size": 64,
}


@dataclass(frozen=True)
class ElmoParams(PretrainParams):
    """Settings of the training of an ELMo language model.

    Parameters
    ----------
    character_dim : int
        Numbers per character, 1 to 256.
    filters : tuple[tuple[int, int], ...]
        Width (1 to 10 characters) and number (1 to 4,096) of the filters of each convolution, one
        to ten of them.
    highways : int
        Highway layers, 0 to 4.
    projection_dim : int
        Numbers per word and direction, 1 to 2,048.
    units : int
        Size of the cells of each layer and direction, 1 to 8,192.
    layers : int
        Recurrent layers, 1 to 4.
    longest_word : int
        Characters (bytes) of a word that are read, beginning and end included; 12 to 200.
    cell_clip : float
        Largest absolute value of a cell; 0 sets no bound, 1,000 is the most.
    projection_clip : float
        Largest absolute value of a state; 0 sets no bound, 1,000 is the most.
    activation : Literal["relu", "tanh"]
        Of the convolutions.
    dropout : float
        Share of the numbers between layers that are left out while training; 0 up to below 1.
    window : int
        Longer texts are trained on in windows of so many words, 2 to 1,000.
    """

    kind: ClassVar[Literal["nnlm", "elmo", "awd-lstm"]] = "elmo"
    family: ClassVar[str] = "elmo"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "small": _SMALL,
        "base": _BASE,
        "paper": _PAPER,
    }

    character_dim: int = 16
    filters: tuple[tuple[int, int], ...] = _SMALL["filters"]
    highways: int = _SMALL["highways"]
    projection_dim: int = _SMALL["projection_dim"]
    units: int = _SMALL["units"]
    layers: int = 2
    longest_word: int = 50
    cell_clip: float = 3.0
    projection_clip: float = 3.0
    activation: Literal["relu", "tanh"] = "relu"
    dropout: float = 0.1
    window: int = 64
    learning_rate: float = 3e-3
    schedule: Schedule = "slanted-triangular"
    epochs: int = 3
    batch_size: int = 16
    min_updates: int = 100
    patience: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.character_dim <= 256, "character_dim", "1 to 256")
        fits = all(1 <= width <= 10 and 1 <= n <= 4096 for width, n in self.filters)
        allowed = "one to ten pairs of a width of 1 to 10 and a number of 1 to 4,096"
        self._require(1 <= len(self.filters) <= 10 and fits, "filters", allowed)
        self._require(0 <= self.highways <= 4, "highways", "0 to 4")
        self._require(1 <= self.projection_dim <= 2048, "projection_dim", "1 to 2,048")
        self._require(1 <= self.units <= 8192, "units", "1 to 8,192")
        self._require(1 <= self.layers <= 4, "layers", "1 to 4")
        self._require(12 <= self.longest_word <= 200, "longest_word", "12 to 200")
        for name in ("cell_clip", "projection_clip"):
            self._require(0 <= getattr(self, name) <= 1000, name, "0 to 1,000")
        self._require(0 <= self.dropout < 1, "dropout", "0 up to below 1")
        self._require(2 <= self.window <= 1000, "window", "2 to 1,000")

    @property
    def architecture(self) -> ElmoArchitecture:
        """The sizes of the model that is trained."""
        return ElmoArchitecture(
            character_dim=self.character_dim,
            filters=self.filters,
            highways=self.highways,
            projection_dim=self.projection_dim,
            units=self.units,
            layers=self.layers,
            longest_word=self.longest_word,
            cell_clip=self.cell_clip,
            projection_clip=self.projection_clip,
            activation=self.activation,
        )
