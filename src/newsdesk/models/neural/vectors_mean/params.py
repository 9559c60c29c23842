"""The settings of family ``vectors-mean``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from newsdesk.features.vectors.embedding import Missing
from newsdesk.models.neural.words.params import WordParams

__all__ = ["VectorsMeanParams"]


@dataclass(frozen=True)
class VectorsMeanParams(WordParams):
    """Settings of family ``vectors-mean``.

    Parameters
    ----------
    vectors : str
        File of word vectors: GloVe, word2vec (text or binary) or fastText (text). Without one
        vectors are learnt from the training rows.
    missing : Missing
        What a word gets that the file does not hold: the mean of its parts' vectors
        (``subwords``), the mean of all words' (``mean``) or ``zeros``.
    fine_tune : bool
        Whether the vectors of a file are trained on; otherwise they stay as they are.
    embedding_dim : int
        Numbers per word where there is no file, 1 to 4,096.
    """

    family: ClassVar[str] = "vectors-mean"

    vectors: str = ""
    missing: Missing = "subwords"
    fine_tune: bool = True
    embedding_dim: int = 100
    learning_rate: float = 5e-3
    batch_size: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.embedding_dim <= 4096, "embedding_dim", "1 to 4,096")
        self._require(self.masking, "masking", "true: a mean has no place for filling")
