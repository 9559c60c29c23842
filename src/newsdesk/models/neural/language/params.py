"""The settings of the training of a language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from newsdesk.models.neural.params import LoopParams

__all__ = ["PretrainParams"]


@dataclass(frozen=True)
class PretrainParams(LoopParams):
    """Settings of the training of a language model; each kind adds its own.

    Parameters
    ----------
    n_samples : int
        Noise words that the words to predict are told from (Jean et al. 2015, "On Using Very Large
        Target Vocabulary for Neural Machine Translation", section 3); 0 takes all words, 1,000,000
        is the most.
    held_out : float
        Share of the texts that are not trained on, but watched: 0.001 to 0.5; no more than 2,000.
    vocab_size : int
        Ids of the vocabulary, the commonest words of the texts; 3 to 2,000,000.
    min_count : int
        Words that occur less often are unknown; 1 or more.
    """

    whose: ClassVar[str] = "Language model"
    kind: ClassVar[Literal["nnlm", "elmo", "awd-lstm"]]

    n_samples: int = 1024
    held_out: float = 0.02
    vocab_size: int = 60_000
    min_count: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(0 <= self.n_samples <= 1_000_000, "n_samples", "0 to 1,000,000")
        self._require(0.001 <= self.held_out <= 0.5, "held_out", "0.001 to 0.5")
        self._require(3 <= self.vocab_size <= 2_000_000, "vocab_size", "3 to 2,000,000")
        self._require(self.min_count >= 1, "min_count", "1 or more")
