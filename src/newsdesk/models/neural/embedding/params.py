"""The settings of family ``embedding``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from newsdesk.models.neural.encoders.packing import Precision
from newsdesk.models.neural.encoders.places import DEFAULT
from newsdesk.models.neural.encoders.settings import Encoding
from newsdesk.models.neural.perceptron.params import PerceptronParams

__all__ = ["EmbeddingParams"]


@dataclass(frozen=True)
class EmbeddingParams(PerceptronParams):
    """Settings of family ``embedding``.

    Parameters
    ----------
    encoder : str
        A name of the Hugging Face hub, or a folder.
    encoder_precision : Precision
        ``int8`` rounds the encoder's numbers to 8-bit integers: faster, and a quarter of the size;
        ``float32`` leaves them as they are; ``bfloat16`` is between both, and takes PyTorch to
        predict.
    max_tokens : int | None
        Longer texts are cut, 3 to 100,000 word pieces; None means as the encoder was trained.
    remember : bool
        Whether vectors of training texts are kept on the disk (``NEWSDESK_CACHE``), so that a
        later training encodes only new texts.
    """

    family: ClassVar[str] = "embedding"

    encoder: str = DEFAULT
    encoder_precision: Precision = "int8"
    max_tokens: int | None = None
    remember: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        in_range = self.max_tokens is None or 3 <= self.max_tokens <= 100_000
        self._require(in_range, "max_tokens", "3 to 100,000")
        self._require(bool(self.encoder), "encoder", "a name or a folder")

    @property
    def encoding(self) -> Encoding:
        """Which encoder, and how it is run."""
        return Encoding(self.encoder, self.encoder_precision, self.max_tokens)
