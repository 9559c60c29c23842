"""Texts as an AWD-LSTM reads them: a separator, then the words, from one end or the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from newsdesk.features.sequences import Sequences
from newsdesk.features.vocab import SPECIALS, Vocab
from newsdesk.models.neural.words.reading import Reader, Sight
from newsdesk.types import Documents, Progress

__all__ = ["SEPARATOR", "SeparatedReader", "learn_vocab"]

SEPARATOR = "<bos>"
"""The word that stands before each text; no token of a text is spelt so."""


def learn_vocab(
    documents: Documents, size: int, min_count: int, progress: Progress
) -> tuple[Vocab, Sequences]:
    """Learn the words of texts, the separator among them.

    Parameters
    ----------
    documents : Documents
        n documents.
    size : int
        Ids at most, from 3 on.
    min_count : int
        Occurrences that a word needs.
    progress : Progress
        Told of documents.

    Returns
    -------
    tuple[Vocab, Sequences]
        The vocabulary, and the documents as its ids, without separators.
    """
    vocab, sequences = Vocab.learn(documents, size=size - 1, min_count=min_count, progress=progress)
    words = (*SPECIALS, SEPARATOR, *vocab.words[len(SPECIALS) :])
    ids = sequences.ids + (sequences.ids >= len(SPECIALS)).astype(np.int32)
    return Vocab(words, vocab.stop_words), Sequences(sequences.indptr, ids)


@dataclass(frozen=True, eq=False)
class SeparatedReader(Reader):
    """Turns documents into sequences that begin with the separator.

    Parameters
    ----------
    vocab : Vocab
        The words, `SEPARATOR` among them.
    params : WordParams
        Settings.
    direction : Literal["forward", "backward"]
        Which end of a document is read first.
    """

    direction: Literal["forward", "backward"] = "forward"

    def seen(self, whole: Sequences) -> Sight:
        """Cut sequences, turn them round where it is due, and put the separator first.

        Parameters
        ----------
        whole : Sequences
            As the vocabulary gives them.

        Returns
        -------
        Sight
            What the network sees of them.
        """
        params = self.params
        cut = whole.cut(params.max_tokens, params.truncate)
        turned = cut.reversed() if self.direction == "backward" else cut
        separator = self.vocab.words.index(SEPARATOR)
        return Sight(turned.framed([separator], []), cut.blank)
