"""The settings of family ``lstm-vectors``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from newsdesk.features.vectors.embedding import Missing
from newsdesk.models.neural.recurrent.params import RecurrentParams

__all__ = ["LstmVectorsParams"]


@dataclass(frozen=True)
class LstmVectorsParams(RecurrentParams):
    """Settings of family ``lstm-vectors``.

    Parameters
    ----------
    vectors : str
        File of word vectors: GloVe, word2vec (text or binary) or fastText (text). Without one
        vectors are learnt, as in family ``lstm``.
    missing : Missing
        What a word gets that the file does not hold: the mean of its parts' vectors
        (``subwords``), the mean of all words' (``mean``) or ``zeros``.
    fine_tune : bool
        Whether the vectors are trained on; otherwise they stay as they are.
    embedding_dim : int
        Numbers per word where there is no file, 1 to 4,096.
    """

    family: ClassVar[str] = "lstm-vectors"

    vectors: str = ""
    missing: Missing = "subwords"
    fine_tune: bool = True
    embedding_dim: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require(1 <= self.embedding_dim <= 4096, "embedding_dim", "1 to 4,096")
