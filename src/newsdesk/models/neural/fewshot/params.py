"""The settings of family ``fewshot``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from newsdesk.models.neural.encoders.packing import Precision
from newsdesk.models.neural.encoders.places import DEFAULT
from newsdesk.models.neural.encoders.settings import Encoding
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.perceptron.params import PerceptronParams
from newsdesk.models.neural.schedules import Schedule

__all__ = ["FewShotParams"]


@dataclass(frozen=True)
class FewShotParams(TrainingParams):
    """Settings of family ``fewshot``; those of training are for the encoder, on pairs of texts.

    Parameters
    ----------
    encoder : str
        The pretrained encoder: a folder, or a name on the Hugging Face hub.
    max_tokens : int
        Longer texts are cut, 3 to 8,192 word pieces, special ones included.
    pairs_per_text : int
        Partners of its own class that each text is paired with at the most, and as many of other
        classes; 1 to 1,000.
    max_texts : int
        The encoder is tuned on so many texts at the most, drawn evenly over the classes; 2 to
        1,000,000. The linear model learns from all.
    dropout : float
        Share of the numbers that the encoder leaves out while training; 0 up to below 1.
    layer_decay : float
        Each layer learns at so much of the rate of the one above it (Howard & Ruder 2018, section
        3.2); above 0, up to 1.
    frozen_layers : int
        So many of the lowest layers stay as they are, and with them the embeddings; 0 trains all.
    kept_precision : Precision
        How the tuned encoder is kept, measured and served: ``int8`` rounds its numbers to 8-bit
        integers, faster and a quarter of the size; ``float32`` leaves them;
        ``bfloat16`` is between both, and takes PyTorch to predict.
    head_epochs : int
        Passes of the linear model over the vectors of all texts at the most, 1 to 10,000.
    head_learning_rate : float
        Peak of its schedule; above 0, up to 10.
    head_dropout : float
        Share of the numbers of a vector that it leaves out while training; 0 up to below 1.
    """

    family: ClassVar[str] = "fewshot"
    FACTORS: ClassVar[dict[str, tuple[Any, ...]]] = {
        "pairs_per_text": (2, 5, 10),
        "learning_rate": (0.00003, 0.0001, 0.0003),
        "layer_decay": (0.8, 0.9, 1.0),
        "dropout": (0.0, 0.1, 0.2),
    }

    encoder: str = DEFAULT
    max_tokens: int = 64
    pairs_per_text: int = 5
    max_texts: int = 1024
    dropout: float = 0.1
    layer_decay: float = 0.9
    frozen_layers: int = 0
    kept_precision: Precision = "int8"
    head_epochs: int = 60
    head_learning_rate: float = 3e-3
    head_dropout: float = 0.1
    optimizer: Literal["adam", "adamw", "rmsprop", "sgd"] = "adamw"
    learning_rate: float = 1e-4
    schedule: Schedule = "warm-up"
    epochs: int = 1
    batch_size: int = 16
    patience: int = 0
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(bool(self.encoder), "encoder", "a name or a folder")
        self._require(3 <= self.max_tokens <= 8192, "max_tokens", "3 to 8,192")
        self._require(1 <= self.pairs_per_text <= 1000, "pairs_per_text", "1 to 1,000")
        self._require(2 <= self.max_texts <= 1_000_000, "max_texts", "2 to 1,000,000")
        for name in ("dropout", "head_dropout"):
            self._require(0 <= getattr(self, name) < 1, name, "0 up to below 1")
        self._require(0 < self.layer_decay <= 1, "layer_decay", "above 0, up to 1")
        self._require(0 <= self.frozen_layers <= 1000, "frozen_layers", "0 to 1,000")
        self._require(1 <= self.head_epochs <= 10_000, "head_epochs", "1 to 10,000")
        in_range = 0 < self.head_learning_rate <= 10
        self._require(in_range, "head_learning_rate", "above 0, up to 10")

    @property
    def encoding(self) -> Encoding:
        """Which encoder, as it is tuned: in floats."""
        return Encoding(self.encoder, "float32", self.max_tokens)

    @property
    def head(self) -> PerceptronParams:
        """Settings of the linear model."""
        return PerceptronParams(
            hidden=(),
            dropout=0.0,
            hidden_dropout=self.head_dropout,
            learning_rate=self.head_learning_rate,
            epochs=self.head_epochs,
            monitor=self.monitor,
            keep=self.keep,
            class_weight=self.class_weight,
            device=self.device,
        )
