"""The settings of the feed-forward neural language model, and sizes of it by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from newsdesk.models.neural.language.params import PretrainParams
from newsdesk.models.neural.schedules import Schedule

__all__ = ["NnlmParams"]


@dataclass(frozen=True)
class NnlmParams(PretrainParams):
    """Settings of the feed-forward neural language model.

    Bengio, Ducharme, Vincent & Jauvin 2003, "A Neural Probabilistic Language Model", whose symbols
    stand in brackets. Preset ``paper`` is their network without direct connections, MLP10 of table
    1, but for the vectors: there they have 30 numbers.

    Parameters
    ----------
    window : int
        Words of a window (n), the last of which is predicted from the others; 2 to 20.
    embedding_dim : int
        Numbers per word (m), 1 to 4,096.
    units : int
        Units of the hidden layer (h), 1 to 4,096.
    n_buckets : int
        Vectors that the words outside the vocabulary share by their hash, 0 to 1,000,000. With
        none, all of them have one.
    dropout : float
        Share of the numbers of the hidden layer that are left out while training; 0 up to below 1.
    """

    family: ClassVar[str] = "nnlm"
    kind: ClassVar[Literal["nnlm", "elmo", "awd-lstm"]] = "nnlm"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "small": {},
        "base": {"units": 256, "n_buckets": 5000, "n_samples": 1024},
        "paper": {
            "window": 5,
            "embedding_dim": 128,
            "units": 100,
            "n_buckets": 0,
            "dropout": 0.0,
            "n_samples": 0,
            "vocab_size": 16_383,
            "min_count": 4,
            "optimizer": "sgd",
            "learning_rate": 0.1,
            "schedule": "constant",
            "epochs": 20,
        },
    }

    window: int = 10
    embedding_dim: int = 128
    units: int = 128
    n_buckets: int = 1000
    dropout: float = 0.5
    min_count: int = 1
    n_samples: int = 256
    learning_rate: float = 2e-3
    schedule: Schedule = "slanted-triangular"
    epochs: int = 6
    batch_size: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(2 <= self.window <= 20, "window", "2 to 20")
        self._require(1 <= self.embedding_dim <= 4096, "embedding_dim", "1 to 4,096")
        self._require(1 <= self.units <= 4096, "units", "1 to 4,096")
        self._require(0 <= self.n_buckets <= 1_000_000, "n_buckets", "0 to 1,000,000")
        self._require(0 <= self.dropout < 1, "dropout", "0 up to below 1")
