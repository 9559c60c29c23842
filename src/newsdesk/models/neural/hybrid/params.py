"""The settings of family ``hybrid``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from newsdesk.models.hashed.params import HashedParams
from newsdesk.models.neural.encoders.packing import Precision
from newsdesk.models.neural.encoders.places import DEFAULT
from newsdesk.models.neural.encoders.settings import Encoding
from newsdesk.models.neural.perceptron.params import PerceptronParams

__all__ = ["HybridParams"]


@dataclass(frozen=True)
class _LayersParams(PerceptronParams):
    """Settings of the dense layers of a hybrid."""

    family: ClassVar[str] = "hybrid"


@dataclass(frozen=True)
class HybridParams(HashedParams):
    """Settings of family ``hybrid``.

    Parameters
    ----------
    fusion : Literal["auto", "joint", "late"]
        ``joint``: one linear machine sees n-grams and sentence vector together. ``late``: a linear
        machine sees n-grams, dense layers see the vector, and their probabilities are mixed.
        ``auto``: both ways and their mixture are tried, and held-out rows choose.
    encoder : str
        A name of the Hugging Face hub, or a folder.
    encoder_precision : Precision
        ``int8`` rounds the encoder's numbers to 8-bit integers: faster, and a quarter of the size;
        ``float32`` leaves them as they are; ``bfloat16`` is between both, and takes PyTorch to
        predict.
    max_tokens : int | None
        Longer texts are cut, for the encoder alone, 3 to 100,000 word pieces; None means as it was
        trained.
    remember : bool
        Whether vectors of training texts are kept on the disk (``NEWSDESK_CACHE``), so that a
        later training encodes only new texts.
    vector_weight : float
        Norm of the sentence vector beside the n-grams, whose norm is 1; above 0, up to 10.
    hidden : tuple[int, ...]
        Units of each dense layer on the vector before the last, up to five layers of 1 to 4,096.
    hidden_dropout : float
        Share of their inputs that is left out while training; 0 up to below 1.
    learning_rate : float
        Of the dense layers; above 0, up to 10.
    layer_epochs : int
        Passes over the training rows for the dense layers, 1 to 1,000.
    """

    family: ClassVar[str] = "hybrid"

    fusion: Literal["auto", "joint", "late"] = "auto"
    encoder: str = DEFAULT
    encoder_precision: Precision = "int8"
    max_tokens: int | None = None
    remember: bool = True
    vector_weight: float = 1.0
    hidden: tuple[int, ...] = (1024,)
    hidden_dropout: float = 0.4
    learning_rate: float = 1e-3
    layer_epochs: int = 12
    char_ngrams: tuple[int, int] | None = (4, 5)
    C: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        in_range = self.max_tokens is None or 3 <= self.max_tokens <= 100_000
        self._require(in_range, "max_tokens", "3 to 100,000")
        self._require(bool(self.encoder), "encoder", "a name or a folder")
        self._require(0 < self.vector_weight <= 10, "vector_weight", "above 0, up to 10")
        self._require(1 <= self.layer_epochs <= 1000, "layer_epochs", "1 to 1,000")
        self.layers  # noqa: B018  checks what it is made of

    @property
    def layers(self) -> PerceptronParams:
        """Settings of the dense layers."""
        return _LayersParams(
            hidden=self.hidden,
            hidden_dropout=self.hidden_dropout,
            learning_rate=self.learning_rate,
            epochs=self.layer_epochs,
            class_weight=self.class_weight,
        )

    @property
    def encoding(self) -> Encoding:
        """Which encoder, and how it is run."""
        return Encoding(self.encoder, self.encoder_precision, self.max_tokens)
