"""The settings of family ``transformer``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from newsdesk.models.neural.encoders.packing import Precision
from newsdesk.models.neural.encoders.places import DEFAULT
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.schedules import Schedule

__all__ = ["TransformerParams"]


@dataclass(frozen=True)
class TransformerParams(TrainingParams):
    """Settings of family ``transformer``.

    Parameters
    ----------
    encoder : str
        The pretrained encoder: a folder, or a name on the Hugging Face hub.
    max_tokens : int
        Word pieces of a window, special ones included; 8 to 8,192, and no more than the encoder can
        read.
    stride : int
        Pieces that neighbouring windows of a longer text have in common, 0 to 4,096; half of those
        of a window at the most.
    max_windows : int
        Windows of a text at the most, 1 to 1,000; what is beyond them is not read.
    pooling : Literal["encoder", "mean", "cls"]
        What a window's vector is: the ``mean`` of its tokens' states, the first one's (``cls``), or
        what the ``encoder`` was trained for.
    dropout : float
        Share of the numbers that the encoder leaves out while training; 0 up to below 1.
    head_dropout : float
        Share of the numbers of a window's vector that are left out while training; 0 up to below 1.
    layer_decay : float
        Each layer learns at so much of the rate of the one above it, and the outputs at the whole
        rate (Howard & Ruder 2018, section 3.2); above 0, up to 1.
    frozen_layers : int
        So many of the lowest layers stay as they are, and with them the embeddings; 0 trains all.
    kept_precision : Precision
        How the trained encoder is kept, measured and served: ``int8`` rounds its numbers to 8-bit
        integers, faster and a quarter of the size; ``float32`` leaves them;
        ``bfloat16`` is between both, and takes PyTorch to predict.
    recompute : bool
        Whether the backward pass computes the inside of each layer anew: less memory, more time.
    """

    family: ClassVar[str] = "transformer"
    FACTORS: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": (0.00005, 0.0002, 0.0006),
        "layer_decay": (0.7, 0.9, 1.0),
        "dropout": (0.0, 0.1, 0.2),
        "max_tokens": (32, 64, 128),
        "pooling": ("mean", "cls"),
    }

    encoder: str = DEFAULT
    max_tokens: int = 128
    stride: int = 32
    max_windows: int = 4
    pooling: Literal["encoder", "mean", "cls"] = "encoder"
    dropout: float = 0.1
    head_dropout: float = 0.1
    layer_decay: float = 0.9
    frozen_layers: int = 0
    kept_precision: Precision = "int8"
    recompute: bool = False
    optimizer: Literal["adam", "adamw", "rmsprop", "sgd"] = "adamw"
    learning_rate: float = 2e-4
    schedule: Schedule = "warm-up"
    warm_up: float = 0.06
    epochs: int = 3
    batch_size: int = 32
    patience: int = 1
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(8 <= self.max_tokens <= 8192, "max_tokens", "8 to 8,192")
        self._require(0 <= self.stride <= 4096, "stride", "0 to 4,096")
        self._require(1 <= self.max_windows <= 1000, "max_windows", "1 to 1,000")
        for name in ("dropout", "head_dropout"):
            self._require(0 <= getattr(self, name) < 1, name, "0 up to below 1")
        self._require(0 < self.layer_decay <= 1, "layer_decay", "above 0, up to 1")
        self._require(0 <= self.frozen_layers <= 1000, "frozen_layers", "0 to 1,000")
