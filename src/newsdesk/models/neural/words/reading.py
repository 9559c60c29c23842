"""Documents to the sequences that a network on words reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from newsdesk.features.sequences import Reading, Sequences
from newsdesk.features.stop_words import stop_words
from newsdesk.features.vocab import Vocab
from newsdesk.models.neural.words.params import WordParams
from newsdesk.types import Bools, Documents, Progress

__all__ = ["Reader", "Sight"]


class Sight(NamedTuple):
    """What a network sees of some documents."""

    sequences: Sequences
    """One word at least in every row."""
    blank: Bools
    """Documents without a known word, shape ``(n,)``."""


@dataclass(frozen=True, eq=False)
class Reader:
    """Turns documents into sequences.

    Parameters
    ----------
    vocab : Vocab
        The words.
    params : WordParams
        Settings.
    """

    vocab: Vocab
    params: WordParams

    @classmethod
    def learn(
        cls, documents: Documents, params: WordParams, progress: Progress
    ) -> tuple[Reader, Sequences]:
        """Learn a vocabulary, and read the documents that it is learnt from.

        Parameters
        ----------
        documents : Documents
            n documents.
        params : WordParams
            Settings.
        progress : Progress
            Told of documents.

        Returns
        -------
        tuple[Reader, Sequences]
            The reader, and the whole sequences of the documents.
        """
        left_out = () if params.stop_words == "none" else stop_words(params.stop_words)
        learnt = Vocab.learn(
            documents,
            size=params.vocab_size,
            min_count=params.min_count,
            stop_words=left_out,
            progress=progress,
        )
        return cls(learnt.vocab, params), learnt.sequences

    def read(self, documents: Documents) -> Sight:
        """Read documents.

        Parameters
        ----------
        documents : Documents
            n documents.

        Returns
        -------
        Sight
            What the network sees of them.
        """
        return self.seen(self.vocab.encode(documents))

    def told(self, whole: Sequences) -> str:
        """Say what of some documents the network does not get to read.

        Parameters
        ----------
        whole : Sequences
            As the vocabulary gives them.

        Returns
        -------
        str
            One sentence.
        """
        plain = self.vocab.without_buckets(whole)
        cut = plain.cut(self.params.max_tokens, self.params.truncate)
        return Reading.between(plain, cut).sentence()

    def seen(self, whole: Sequences) -> Sight:
        """Cut and fill sequences.

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
        sequences = cut.nonempty()
        if not params.masking:
            sequences = sequences.filled(params.max_tokens, params.padding)
        # A bucket is shared by chance: it makes no word known.
        return Sight(sequences, self.vocab.without_buckets(cut).blank)
