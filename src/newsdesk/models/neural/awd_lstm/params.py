"""The settings of an AWD-LSTM language model and of its training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.language.params import PretrainParams
from newsdesk.models.neural.schedules import Schedule

__all__ = ["AwdLstmParams"]

_BASE: dict[str, Any] = {
    "embedding_dim": 300,
    "units": 640,
    "layers": 3,
    "epochs": 12,
    "n_samples": 4096,
}
_PAPER: dict[str, Any] = {
    "embedding_dim": 400,
    "units": 1152,
    "layers": 3,
    "epochs": 15,
    "n_samples": 0,
    "batch_size": 64,
    "window": 70,
    "embedding_dropout": 0.1,
    "input_dropout": 0.4,
    "weight_dropout": 0.5,
    "hidden_dropout": 0.3,
    "output_dropout": 0.4,
}


@dataclass(frozen=True)
class AwdLstmParams(PretrainParams):
    """Settings of an AWD-LSTM language model.

    The letters are those of Howard & Ruder 2018, "Universal Language Model Fine-tuning for Text
    Classification", and of Merity, Keskar & Socher 2018, "Regularizing and Optimizing LSTM Language
    Models". ``batch_size`` is the number of strips of text that are read side by side.

    Parameters
    ----------
    embedding_dim : int
        Numbers per word and size of the last state, 1 to 4,096; published is 400.
    units : int
        Size of the other states, 1 to 4,096; published is 1,152.
    layers : int
        Layers of long short-term memory, 1 to 4; published is 3.
    window : int
        Words through which gradients go back (BPTT), 2 to 1,000; published is 70.
    direction : Literal["forward", "backward"]
        Whether texts are read from their beginning or from their end.
    rate_decay : float
        How much slower each layer moves than the next one where a model is trained on: 1 to 10;
        published is 2.6.
    embedding_dropout : float
        p_e: share of the words of the vocabulary that a batch reads as zeros; 0 up to below 1.
    input_dropout : float
        p_i: share of the numbers of word vectors left out, the same at each step of a strip.
    weight_dropout : float
        p_w: share of the recurrent weights left out for a batch (DropConnect).
    hidden_dropout : float
        p_h: share of the numbers between layers left out, the same at each step of a strip.
    output_dropout : float
        p_o: share of the numbers of the last state left out, the same at each step of a strip.
    """

    family: ClassVar[str] = "awd-lstm"
    kind: ClassVar[Literal["nnlm", "elmo", "awd-lstm"]] = "awd-lstm"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {"small": {}, "base": _BASE, "paper": _PAPER}

    embedding_dim: int = 200
    units: int = 320
    layers: int = 2
    window: int = 35
    direction: Literal["forward", "backward"] = "forward"
    rate_decay: float = 2.6
    embedding_dropout: float = 0.05
    input_dropout: float = 0.2
    weight_dropout: float = 0.2
    hidden_dropout: float = 0.15
    output_dropout: float = 0.2
    learning_rate: float = 4e-3
    schedule: Schedule = "slanted-triangular"
    betas: tuple[float, float] = (0.8, 0.99)
    epochs: int = 8
    min_updates: int = 300
    batch_size: int = 64
    patience: int = 0
    clip_norm: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("embedding_dim", "units"):
            self._require(1 <= getattr(self, name) <= 4096, name, "1 to 4,096")
        self._require(1 <= self.layers <= 4, "layers", "1 to 4")
        self._require(2 <= self.window <= 1000, "window", "2 to 1,000")
        self._require(1 <= self.rate_decay <= 10, "rate_decay", "1 to 10")
        for part in ("embedding", "input", "weight", "hidden", "output"):
            name = f"{part}_dropout"
            self._require(0 <= getattr(self, name) < 1, name, "0 up to below 1")

    @property
    def architecture(self) -> AwdLstmArchitecture:
        """The sizes of the model."""
        return AwdLstmArchitecture(self.embedding_dim, self.units, self.layers, self.direction)
