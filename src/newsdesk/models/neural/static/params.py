"""The settings of family ``static``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from newsdesk.features.sequences import Side
from newsdesk.models.neural.encoders.packing import Precision
from newsdesk.models.neural.encoders.places import DEFAULT
from newsdesk.models.neural.encoders.settings import Encoding
from newsdesk.models.neural.params import TrainingParams
from newsdesk.models.neural.schedules import Schedule

__all__ = ["StaticParams"]


@dataclass(frozen=True)
class StaticParams(TrainingParams):
    """Settings of family ``static``.

    Parameters
    ----------
    encoder : str
        Whose vectors of words training begins with: a name of the Hugging Face hub, or a folder.
    encoder_precision : Precision
        How the encoder's numbers are kept while it encodes the words.
    dims : int
        Numbers of a vector at the most, 1 to 4,096: the principal components of the encoder's.
    vocab_size : int
        Words at the most: the commonest of the training rows; 2 to 2,000,000.
    min_count : int
        Words that occur less often in the training rows are unknown; 1 or more.
    pairs : int
        Pairs of neighbouring words at the most that are read as words of their own; 0 to 2,000,000.
    pair_min_count : int
        Pairs that occur less often in the training rows have none; 1 or more.
    fields : Literal["together", "first"]
        ``first``: words and pairs that occur at least so often in the first field (the headline)
        are besides read as others there. ``together``: a document is its fields in a row.
    stop_words : str
        Language whose stop words are left out, such as ``en``; ``none`` keeps all.
    max_tokens : int
        Longer documents are cut, 1 to 100,000 words.
    truncate : Side
        Which end is cut off: ``pre`` the beginning, ``post`` the end.
    dropout : float
        Share of the words and pairs of a text that are left out while training; 0 up to below 1.
    vector_dropout : float
        Share of the numbers of a text's vector that are left out while training; 0 up to below 1.
    remember : bool
        Whether the encoder's vectors of words are kept on the disk (``NEWSDESK_CACHE``), so that a
        later training encodes only new words.
    """

    family: ClassVar[str] = "static"

    encoder: str = DEFAULT
    encoder_precision: Precision = "int8"
    dims: int = 256
    vocab_size: int = 60_000
    min_count: int = 2
    pairs: int = 200_000
    pair_min_count: int = 3
    fields: Literal["together", "first"] = "first"
    stop_words: str = "none"
    max_tokens: int = 400
    truncate: Side = "post"
    dropout: float = 0.5
    vector_dropout: float = 0.2
    remember: bool = True
    learning_rate: float = 2e-3
    schedule: Schedule = "slanted-triangular"
    epochs: int = 2
    min_updates: int = 800
    batch_size: int = 128
    patience: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.dims <= 4096, "dims", "1 to 4,096")
        self._require(2 <= self.vocab_size <= 2_000_000, "vocab_size", "2 to 2,000,000")
        self._require(self.min_count >= 1, "min_count", "1 or more")
        self._require(0 <= self.pairs <= 2_000_000, "pairs", "0 to 2,000,000")
        self._require(self.pair_min_count >= 1, "pair_min_count", "1 or more")
        self._require(1 <= self.max_tokens <= 100_000, "max_tokens", "1 to 100,000")
        for name in ("dropout", "vector_dropout"):
            self._require(0 <= getattr(self, name) < 1, name, "0 up to below 1")
        self._require(bool(self.encoder), "encoder", "a name or a folder")

    @property
    def encoding(self) -> Encoding:
        """Which encoder, and how it is run."""
        return Encoding(self.encoder, self.encoder_precision, None)
