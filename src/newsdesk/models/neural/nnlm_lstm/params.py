"""The settings of family ``nnlm-lstm``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.models.neural.recurrent.params import RecurrentParams

__all__ = ["NnlmLstmParams"]


@dataclass(frozen=True)
class NnlmLstmParams(RecurrentParams):
    """Settings of family ``nnlm-lstm``.

    The words are those of the language model, the commonest ``vocab_size`` of them.

    Parameters
    ----------
    encoder : str
        Folder of a language model of kind ``nnlm``, see ``newsdesk pretrain``. Without one, a
        language model is trained on the training rows first.
    pretrained : bool
        Whether the vectors begin with those of the language model; otherwise they are drawn, with
        as many numbers as ``pretraining`` says.
    fine_tune : bool
        Whether the vectors are trained on; otherwise they stay as they are.
    pretraining : NnlmParams
        Settings of the language model that is trained where there is no folder, such as
        ``pretraining.epochs``.
    """

    family: ClassVar[str] = "nnlm-lstm"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "published": {
            "pooling": "last",
            "hidden": (128, 64),
            "dropout": 0.2,
            "hidden_dropout": 0.2,
            "optimizer": "rmsprop",
            "learning_rate": 1e-3,
            "patience": 0,
            "keep": "last",
        },
    }

    encoder: str = ""
    pretrained: bool = True
    fine_tune: bool = True
    pretraining: NnlmParams = field(default_factory=NnlmParams)
    vocab_size: int = 2_000_000
    min_count: int = 1
    bidirectional: bool = False
    pooling: Literal["last", "max", "mean", "attention"] = "max"
    dropout: float = 0.5
    hidden_dropout: float = 0.5
    learning_rate: float = 4e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(self.min_count == 1, "min_count", "1: the words are the language model's")
