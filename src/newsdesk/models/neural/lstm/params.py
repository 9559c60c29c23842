"""The settings of family ``lstm``, and the published systems by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from newsdesk.models.neural.recurrent.params import RecurrentParams

__all__ = ["LstmParams"]

_BBC: dict[str, Any] = {
    "vocab_size": 5000,
    "min_count": 1,
    "stop_words": "en",
    "max_tokens": 200,
    "truncate": "post",
    "padding": "post",
    "masking": False,
    "embedding_dim": 64,
    "units": 64,
    "layers": 1,
    "bidirectional": True,
    "pooling": "last",
    "hidden": (64,),
    "dropout": 0.0,
    "hidden_dropout": 0.0,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "constant",
    "epochs": 10,
    "batch_size": 32,
    "patience": 0,
    "keep": "last",
    "clip_norm": 0.0,
}
_HUFFPOST: dict[str, Any] = {
    **_BBC,
    "vocab_size": 20_000,
    "stop_words": "none",
    "max_tokens": 50,
    "truncate": "pre",
    "padding": "pre",
    "embedding_dim": 100,
    "units": 128,
    "bidirectional": False,
    "hidden": (128, 64),
    "epochs": 5,
    "batch_size": 128,
}


@dataclass(frozen=True)
class LstmParams(RecurrentParams):
    """Settings of family ``lstm``.

    Parameters
    ----------
    embedding_dim : int
        Numbers per word, 1 to 4,096.
    """

    family: ClassVar[str] = "lstm"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "bbc-bilstm": _BBC,
        "bbc-bilstm-dropout": {**_BBC, "dropout": 0.5},
        "huffpost-lstm": _HUFFPOST,
    }

    embedding_dim: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.embedding_dim <= 4096, "embedding_dim", "1 to 4,096")
