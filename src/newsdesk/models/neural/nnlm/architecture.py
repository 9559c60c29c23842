"""What a folder of word vectors of a neural language model holds."""

from __future__ import annotations

from dataclasses import dataclass

from newsdesk.models.neural.words.shapes import Shapes

__all__ = ["NnlmArchitecture"]


@dataclass(frozen=True)
class NnlmArchitecture:
    """The word vectors of a feed-forward neural language model.

    Its hidden layer and its softmax serve training alone and are not kept.

    Parameters
    ----------
    embedding_dim : int
        Numbers per word.
    n_buckets : int
        Vectors behind those of the vocabulary, shared by unknown words: a word's is found by its
        hash. With none, unknown words have the vector of ``<OOV>``.
    """

    embedding_dim: int
    n_buckets: int = 0

    def shapes(self, n_words: int) -> Shapes:
        """Shape of each tensor by name; see `Architecture.shapes`."""
        return {"embedding": (n_words + self.n_buckets, self.embedding_dim)}
