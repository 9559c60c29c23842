"""The settings of how documents become sequences of words."""

from __future__ import annotations

from dataclasses import dataclass

from newsdesk.features.sequences import Side
from newsdesk.models.neural.params import TrainingParams

__all__ = ["WordParams"]


@dataclass(frozen=True)
class WordParams(TrainingParams):
    """Settings of words and of their training.

    Parameters
    ----------
    vocab_size : int
        Ids of the vocabulary: the commonest words of the training rows, with ``<pad>`` and
        ``<OOV>`` among them; 2 to 2,000,000.
    min_count : int
        Words that occur less often in the training rows are unknown; 1 or more.
    stop_words : str
        Language whose stop words are left out, such as ``en``; ``none`` keeps all.
    max_tokens : int
        Longer documents are cut, 1 to 100,000.
    truncate : Side
        Which end is cut off: ``pre`` the beginning, ``post`` the end.
    padding : Side
        Where shorter documents are filled up if ``masking`` is off.
    masking : bool
        Whether the network sees the words of a document alone; otherwise every document is filled
        up to ``max_tokens``, and the network reads the filling too, as the published ones do.
    dropout : float
        Share of the numbers of word vectors that are left out while training; 0 up to below 1.
    hidden : tuple[int, ...]
        Units of each dense layer before the last, none or up to five layers of 1 to 4,096.
    hidden_dropout : float
        Share of the inputs of dense layers that are left out while training; 0 up to below 1.
    """

    vocab_size: int = 50_000
    min_count: int = 2
    stop_words: str = "none"
    max_tokens: int = 400
    truncate: Side = "post"
    padding: Side = "post"
    masking: bool = True
    dropout: float = 0.2
    hidden: tuple[int, ...] = ()
    hidden_dropout: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(2 <= self.vocab_size <= 2_000_000, "vocab_size", "2 to 2,000,000")
        self._require(self.min_count >= 1, "min_count", "1 or more")
        self._require(1 <= self.max_tokens <= 100_000, "max_tokens", "1 to 100,000")
        for name in ("dropout", "hidden_dropout"):
            self._require(0 <= getattr(self, name) < 1, name, "0 up to below 1")
        sizes = len(self.hidden) <= 5 and all(1 <= size <= 4096 for size in self.hidden)
        self._require(sizes, "hidden", "none or up to five layers of 1 to 4,096 units")
