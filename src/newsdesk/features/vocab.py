"""Texts as numbers of the most frequent words: what networks on words read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import ConfigError
from newsdesk.features.alignment import raw_places
from newsdesk.features.sequences import OOV, PAD, Sequences
from newsdesk.features.stop_words import StopWords
from newsdesk.features.tokens import tokenise
from newsdesk.features.word_counts import WordCounts, each_chunk, hashes_of, read_tokens
from newsdesk.types import Documents, Indices, Progress

__all__ = ["OOV", "PAD", "SPECIALS", "Learned", "Place", "Vocab"]

U64 = NDArray[np.uint64]
Ids = NDArray[np.int32]

SPECIALS = ("<pad>", "<OOV>")
"""What `PAD` and `OOV` are called; no token of a text is spelt so."""
_STOP = -1
_FEW = 1024
"""So many documents are read at once, without threads."""


class Place(NamedTuple):
    """A word and where it stands in a document."""

    field: str
    """Field of the document."""
    start: int
    """First character, in code points of the raw text."""
    end: int
    """One past the last character."""
    id: int
    """Number of the word."""


class Learned(NamedTuple):
    """A vocabulary and the documents that it was learnt from."""

    vocab: Vocab
    """The vocabulary."""
    sequences: Sequences
    """What `Vocab.encode` gives for those documents."""


class _Numbers(NamedTuple):
    """What each token hash stands for."""

    hashes: U64
    """Ascending; never empty."""
    ids: Ids
    """Number of the word, or `_STOP`."""

    def of(self, hashes: U64) -> Ids:
        place = self.hashes.searchsorted(hashes)
        place[place == len(self.hashes)] = 0
        return np.where(self.hashes[place] == hashes, self.ids[place], np.int32(OOV))


@dataclass(frozen=True, eq=False)
class Vocab:
    """The words that have numbers of their own.

    Words are the tokens of `newsdesk.features.tokens.tokenise`. ``write_json`` and ``read_json`` of
    `newsdesk.models.files` save and load a vocabulary as it is.

    Parameters
    ----------
    words : tuple[str, ...]
        The word of each number: `SPECIALS`, then by falling frequency, equally frequent ones by
        code point. A word that is no token in its normal form is never found in a text.
    stop_words : tuple[str, ...]
        Words and phrases that are left out of sequences. They are kept with the words, so that a
        later list changes no old bundle.
    n_buckets : int
        Numbers behind those of the words that unknown words share: which one an unknown word has
        follows from its hash. With none, all of them are `OOV`.

    Raises
    ------
    ConfigError
        If the specials do not come first, a word occurs twice, or there are fewer than no buckets.

    Examples
    --------
    >>> texts = Documents.from_texts(["Rates rise again", "Rates fall", "Cup final"])
    >>> vocab, _ = Vocab.learn(texts, size=4)
    >>> vocab.words
    ('<pad>', '<OOV>', 'rates', 'again')
    >>> vocab.encode(Documents.from_texts(["RATES: again?", "Cup"])).ids.tolist()
    [2, 3, 1]
    """

    words: tuple[str, ...]
    stop_words: tuple[str, ...] = ()
    n_buckets: int = 0

    def __post_init__(self) -> None:
        if self.words[:2] != SPECIALS:
            problem = f"The vocabulary begins with {list(self.words[:2])}."
            raise ConfigError(problem, remedy=f"Begin with {list(SPECIALS)}.")
        if len(set(self.words)) < len(self.words):
            twice = next(one for one, other in pairwise(sorted(self.words)) if one == other)
            problem = f"The vocabulary holds {twice!r} more than once."
            raise ConfigError(problem, remedy="Give every word one number.")
        if self.n_buckets < 0:
            problem = f"The vocabulary has {self.n_buckets} buckets."
            raise ConfigError(problem, remedy="Give it 0 or more.")

    def __len__(self) -> int:
        return len(self.words)

    @property
    def n_ids(self) -> int:
        """Numbers of words and of buckets together."""
        return len(self.words) + self.n_buckets

    @classmethod
    def learn(
        cls,
        documents: Documents,
        *,
        size: int,
        min_count: int = 1,
        stop_words: Iterable[str] = (),
        n_buckets: int = 0,
        progress: Progress | None = None,
    ) -> Learned:
        """Give the most frequent words numbers.

        Parameters
        ----------
        documents : Documents
            n documents.
        size : int
            Numbers at most, those of the specials included (as in Keras' ``num_words``); from 2 on.
        min_count : int
            Occurrences that a word needs.
        stop_words : Iterable[str]
            Words and phrases to leave out, as `newsdesk.features.stop_words.StopWords` reads them.
        n_buckets : int
            Further numbers, which the other words share.
        progress : Progress | None
            Told of every chunk.

        Returns
        -------
        Learned
            The vocabulary, and the documents encoded with it. Neither depends on the number of
            threads.
        """
        assert size >= len(SPECIALS), "the specials have numbers too"
        listed = tuple(sorted(set(stop_words)))
        counts = WordCounts(documents, StopWords.of(listed), progress=progress)
        words = counts.most_frequent(size - len(SPECIALS), min_count=min_count)
        vocab = cls((*SPECIALS, *words), listed, n_buckets)
        parts = [
            _sequences(chunk.document, vocab._ids(chunk.hashes)[chunk.token], chunk.n)
            for chunk in counts.chunks
        ]
        return Learned(vocab, Sequences.concat(parts))

    def encode(self, documents: Documents, *, progress: Progress | None = None) -> Sequences:
        """Write documents as numbers of words, one field behind the other.

        Parameters
        ----------
        documents : Documents
            n documents.
        progress : Progress | None
            Told of every chunk.

        Returns
        -------
        Sequences
            n documents; a word without a number has that of its bucket, or `OOV` where there are
            no buckets, and stop words are left out.
        """
        if len(documents) <= _FEW:
            return self._encode(documents)
        return Sequences.concat(list(each_chunk(documents, self._encode, progress)))

    def _encode(self, documents: Documents) -> Sequences:
        document, hashes = read_tokens(documents, self._stops)
        return _sequences(document, self._ids(hashes), len(documents))

    def _ids(self, hashes: U64) -> Ids:
        ids = self._numbers.of(hashes)
        if self.n_buckets:
            unknown = ids == OOV
            ids[unknown] = self._bucket(hashes[unknown])
        return ids

    def _bucket(self, hashes: U64) -> Ids:
        return (len(self.words) + hashes % np.uint64(self.n_buckets)).astype(np.int32)

    def buckets(self) -> Ids:
        """Find the bucket that each word would be in if it had no number of its own.

        Returns
        -------
        Ids
            Numbers, shape ``(n_words,)``; `OOV` for the specials, for what is no token in its
            normal form, and where there are no buckets.
        """
        found = np.full(len(self.words), OOV, dtype=np.int32)
        if self.n_buckets:
            positions, hashes = hashes_of(self.words[len(SPECIALS) :])
            found[positions + len(SPECIALS)] = self._bucket(hashes)
        return found

    def without_buckets(self, sequences: Sequences) -> Sequences:
        """Write the numbers of buckets as `OOV`.

        Parameters
        ----------
        sequences : Sequences
            Documents as `encode` gives them.

        Returns
        -------
        Sequences
            The same documents.
        """
        if not self.n_buckets:
            return sequences
        ids = np.where(sequences.ids < len(self.words), sequences.ids, np.int32(OOV))
        return Sequences(sequences.indptr, ids)

    def decode(self, ids: NDArray[np.integer[Any]], *, padding: bool = False) -> list[str]:
        """Write numbers as words.

        Parameters
        ----------
        ids : NDArray[np.integer[Any]]
            Numbers of this vocabulary, shape ``(m,)``.
        padding : bool
            Whether `PAD` is written too.

        Returns
        -------
        list[str]
            m words or fewer; a bucket is written as ``<OOV>``.
        """
        known = np.where(ids < len(self.words), ids, OOV)
        return [self.words[id_] for id_ in known.tolist() if padding or id_ != PAD]

    def places(self, document: Documents) -> list[Place]:
        """Find the words of a document in its raw text.

        Parameters
        ----------
        document : Documents
            One document.

        Returns
        -------
        list[Place]
            Those that `encode` gives, in the same order.
        """
        (tokens,) = tokenise(document)
        ids = self._ids(tokens.hashes)
        ids[self._stops.in_phrases(tokens)] = _STOP
        kept = (ids != _STOP).nonzero()[0]
        places = raw_places(document, tokens.segments, tokens.start[kept], tokens.end[kept])
        return [Place(*place, id_) for place, id_ in zip(places, ids[kept].tolist(), strict=True)]

    @cached_property
    def _stops(self) -> StopWords:
        return StopWords.of(self.stop_words)

    @cached_property
    def _numbers(self) -> _Numbers:
        positions, hashes = hashes_of(self.words[len(SPECIALS) :])
        stops = self._stops.words
        ids = (positions + len(SPECIALS)).astype(np.int32)
        # Of equal hashes the first counts: stop words, and then the more frequent word.
        hashes, first = np.unique(np.concatenate([stops, hashes]), return_index=True)
        ids = np.concatenate([np.full(len(stops), _STOP, dtype=np.int32), ids])[first]
        if not len(hashes):
            return _Numbers(np.zeros(1, dtype=np.uint64), np.array([OOV], dtype=np.int32))
        return _Numbers(hashes, ids)


def _sequences(document: Indices, ids: Ids, n: int) -> Sequences:
    kept = ids != _STOP
    if not kept.all():
        document, ids = document[kept], ids[kept]
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.bincount(document, minlength=n).cumsum(out=indptr[1:])
    return Sequences(indptr, ids)
