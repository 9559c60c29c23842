"""The settings of family ``nnlm-linear``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.models.neural.words.params import WordParams

__all__ = ["NnlmLinearParams"]


@dataclass(frozen=True)
class NnlmLinearParams(WordParams):
    """Settings of family ``nnlm-linear``.

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

    family: ClassVar[str] = "nnlm-linear"

    encoder: str = ""
    pretrained: bool = True
    fine_tune: bool = True
    pretraining: NnlmParams = field(default_factory=NnlmParams)
    vocab_size: int = 2_000_000
    min_count: int = 1
    dropout: float = 0.0
    hidden_dropout: float = 0.2
    learning_rate: float = 5e-3
    min_updates: int = 300

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(self.min_count == 1, "min_count", "1: the words are the language model's")
        self._require(self.masking, "masking", "true: a sum has no place for filling")
        self._require(not self.hidden, "hidden", "none: it is linear")
