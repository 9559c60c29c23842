"""Documents to the words and pairs of words that a network reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.apart import Apart
from newsdesk.features.pairs import Pairs
from newsdesk.features.sequences import Reading, Sequences
from newsdesk.features.stop_words import stop_words
from newsdesk.features.vocab import Vocab
from newsdesk.models.neural.static.params import StaticParams
from newsdesk.models.neural.words.reading import Sight
from newsdesk.types import Documents, Indices, Progress

__all__ = ["Located", "Reader", "Words"]


class Words(NamedTuple):
    """The words of n documents as they stand there, without pairs."""

    whole: Sequences
    """Of all fields, one behind the other."""
    first: Sequences | None
    """Of the first field alone; None where no entry has a number of its own there."""


class Located(NamedTuple):
    """What is read of one document, and where it stands."""

    ids: NDArray[np.int32]
    """Entries, shape ``(m,)``."""
    word: Indices
    """The word of each, or the first word of a pair, counted from 0; shape ``(m,)``."""
    last: Indices
    """The same word, or the second word of a pair; shape ``(m,)``."""


@dataclass(frozen=True, eq=False)
class Reader:
    """Turns documents into sequences of words and pairs.

    Parameters
    ----------
    vocab : Vocab
        The words.
    pairs : Pairs
        The pairs, their numbers behind those of the words.
    apart : Apart
        What has a further number in the first field, behind those of the pairs.
    params : StaticParams
        Settings.
    """

    vocab: Vocab
    pairs: Pairs
    apart: Apart
    params: StaticParams

    @classmethod
    def learn(
        cls, documents: Documents, params: StaticParams, progress: Progress
    ) -> tuple[Reader, Words]:
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
        tuple[Reader, Words]
            The reader, and the words of the documents.
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
        n_entries = len(vocab) + len(pairs)
        first = Sequences.concat([])
        if params.fields == "first" and len(documents.fields) > 1:
            first = vocab.encode(_first_field(documents))
        titles = pairs.added(first.cut(params.max_tokens, params.truncate))
        apart = Apart.learn(titles, n_entries=n_entries, min_count=params.pair_min_count)
        return cls(vocab, pairs, apart, params), Words(whole, first if len(apart) else None)

    @property
    def n_entries(self) -> int:
        """Words and pairs, and what has a number of its own in the first field."""
        return len(self.vocab) + len(self.pairs) + len(self.apart)

    def words(self, documents: Documents) -> Words:
        """Find the words of documents.

        Parameters
        ----------
        documents : Documents
            n documents.

        Returns
        -------
        Words
            Theirs.
        """
        titles = self.vocab.encode(_first_field(documents)) if len(self.apart) else None
        return Words(self.vocab.encode(documents), titles)

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
        return self.seen(self.words(documents))

    def seen(self, words: Words) -> Sight:
        """Cut documents, and write their pairs behind their words.

        Parameters
        ----------
        words : Words
            Their words.

        Returns
        -------
        Sight
            What the network sees of them: words, pairs, and then both of the first field.
        """
        cut = self._cut(words.whole)
        found = self.pairs.added(cut)
        if words.first is not None:
            found = found.beside(self.apart.of(self.pairs.added(self._cut(words.first))))
        return Sight(found.nonempty(), cut.blank)

    def located(self, document: Documents) -> Located:
        """Read one document, and say where each entry stands in it.

        Parameters
        ----------
        document : Documents
            One document.

        Returns
        -------
        Located
            What `read` gives, but for the unknown word of a document without words. Words are
            counted as `Vocab.places` lists them.
        """
        words = self.words(document)
        parts = [self._located(words.whole.ids, None)]
        if words.first is not None:
            parts.append(self._located(words.first.ids, self.apart))
        return Located(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def told(self, words: Words) -> str:
        """Say what of some documents the network does not get to read.

        Parameters
        ----------
        words : Words
            Their words.

        Returns
        -------
        str
            One sentence.
        """
        return Reading.between(words.whole, self._cut(words.whole)).sentence()

    def _located(self, ids: NDArray[np.int32], apart: Apart | None) -> Located:
        """Words and pairs of one document or of its first field, which stands at its beginning."""
        params = self.params
        at = max(len(ids) - params.max_tokens, 0) if params.truncate == "pre" else 0
        cut = ids[at : at + params.max_tokens]
        starts, numbers = self.pairs.between(cut)
        place = np.arange(len(cut))
        entries = np.concatenate([cut, numbers])
        word, last = np.concatenate([place, starts]), np.concatenate([place, starts + 1])
        if apart is not None:
            hit, entries = apart.find(entries)
            word, last = word[hit], last[hit]
        return Located(entries, at + word, at + last)

    def _cut(self, sequences: Sequences) -> Sequences:
        return sequences.cut(self.params.max_tokens, self.params.truncate)


def _first_field(documents: Documents) -> Documents:
    name, column = next(iter(documents.fields.items()))
    return Documents(documents.ids, {name: column})
