"""The words of a feed-forward neural language model and their vectors, as families take them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from newsdesk.errors import BundleFormatError
from newsdesk.features.vocab import Vocab
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.models.neural.nnlm.architecture import NnlmArchitecture
from newsdesk.types import Floats

__all__ = ["WordVectors", "read"]


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Words, buckets and their vectors.

    Parameters
    ----------
    vocab : Vocab
        The words.
    matrix : Floats
        Vectors of words and then of buckets, shape ``(n_ids, width)``.
    """

    vocab: Vocab
    matrix: Floats

    @classmethod
    def of(cls, encoder: Encoder[Any]) -> WordVectors:
        """Take them from a language model.

        Parameters
        ----------
        encoder : Encoder[Any]
            Of kind ``nnlm``.

        Returns
        -------
        WordVectors
            Its words.

        Raises
        ------
        BundleFormatError
            If it has no vocabulary, or one of another number of buckets than it has vectors for.
        """
        vocab, n_buckets = encoder.vocab, encoder.architecture.n_buckets
        if vocab is None or vocab.n_buckets != n_buckets:
            found = "no vocabulary" if vocab is None else f"a vocabulary of {vocab.n_buckets}"
            problem = f"The language model has vectors for {n_buckets} buckets and {found}."
            raise BundleFormatError(problem, remedy="Make it again with newsdesk pretrain nnlm.")
        return cls(vocab, encoder.tensors["embedding"])

    def limited(self, size: int, stop_words: tuple[str, ...] = ()) -> WordVectors:
        """Keep the commonest words; the others are unknown.

        Parameters
        ----------
        size : int
            Words at most, the specials among them.
        stop_words : tuple[str, ...]
            Words and phrases that are left out of texts.

        Returns
        -------
        WordVectors
            All buckets, and no more words than that.
        """
        words, matrix = self.vocab.words, self.matrix
        if len(words) > size:
            matrix = np.concatenate([matrix[:size], matrix[len(words) :]])
        vocab = replace(self.vocab, words=words[:size], stop_words=stop_words)
        return WordVectors(vocab, matrix)


def read(directory: str) -> tuple[WordVectors, str]:
    """Read an encoder folder of kind ``nnlm``.

    Parameters
    ----------
    directory : str
        The folder.

    Returns
    -------
    tuple[WordVectors, str]
        Its words, and a sentence on them.

    Raises
    ------
    BundleFormatError
        If it is no such folder, or its parts do not fit together.
    BundleIntegrityError
        If a file is missing, truncated or changed.
    """
    encoder = folder.read(directory, "nnlm", NnlmArchitecture)
    try:
        vectors = WordVectors.of(encoder)
    except BundleFormatError as error:
        raise BundleFormatError(f"{directory}: {error.problem}", remedy=error.remedy) from error
    n_words, width = len(vectors.vocab), vectors.matrix.shape[1]
    return vectors, f"First vectors: {n_words:,} words of {width} numbers, {encoder.origin.how}."
