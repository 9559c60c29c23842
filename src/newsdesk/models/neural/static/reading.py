"""Documents to the words and pairs of words that a network reads."""

from __future__ import annotations

from dataclasses import dataclass

from newsdesk.features.pairs import Pairs
from newsdesk.features.sequences import Reading, Sequences
from newsdesk.features.stop_words import stop_words
from newsdesk.features.vocab import Vocab
from newsdesk.models.neural.static.params import StaticParams
from newsdesk.models.neural.words.reading import Sight
from newsdesk.types import Documents, Progress

__all__ = ["Reader"]


@dataclass(frozen=True, eq=False)
class Reader:
    """Turns documents into sequences of words and pairs.

    Parameters
    ----------
    vocab : Vocab
        The words.
    pairs : Pairs
        The pairs, their numbers behind those of the words.
    params : StaticParams
        Settings.
    """

    vocab: Vocab
    pairs: Pairs
    params: StaticParams

    @classmethod
    def learn(
        cls, documents: Documents, params: StaticParams, progress: Progress
    ) -> tuple[Reader, Sequences]:
        """Learn words and pairs, and read the documents that they are learnt from.

        Parameters
        ----------
        documents : Documents
            n documents.
        params : StaticParams
            Settings.
        progress : Progress
            Told of documents.

        Returns
        -------
        tuple[Reader, Sequences]
            The reader, and the words of the documents, not cut and without pairs.
        """
        left_out = () if params.stop_words == "none" else stop_words(params.stop_words)
        vocab, whole = Vocab.learn(
            documents,
            size=params.vocab_size,
            min_count=params.min_count,
            stop_words=left_out,
            progress=progress,
        )
        pairs = Pairs.learn(
            whole.cut(params.max_tokens, params.truncate),
            n_words=len(vocab),
            size=params.pairs,
            min_count=params.pair_min_count,
        )
        return cls(vocab, pairs, params), whole

    @property
    def n_entries(self) -> int:
        """Words and pairs."""
        return len(self.vocab) + len(self.pairs)

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

    def seen(self, whole: Sequences) -> Sight:
        """Cut documents, and write their pairs behind their words.

        Parameters
        ----------
        whole : Sequences
            Their words.

        Returns
        -------
        Sight
            What the network sees of them.
        """
        cut = whole.cut(self.params.max_tokens, self.params.truncate)
        return Sight(self.pairs.added(cut).nonempty(), cut.blank)

    def told(self, whole: Sequences) -> str:
        """Say what of some documents the network does not get to read.

        Parameters
        ----------
        whole : Sequences
            Their words.

        Returns
        -------
        str
            One sentence.
        """
        cut = whole.cut(self.params.max_tokens, self.params.truncate)
        return Reading.between(whole, cut).sentence()
