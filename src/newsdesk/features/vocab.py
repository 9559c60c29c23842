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

    Raises
    ------
    ConfigError
        If the specials do not come first or a word occurs twice.

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

    def __post_init__(self) -> None:
        if self.words[:2] != SPECIALS:
            problem = f"The vocabulary begins with {list(self.words[:2])}."
            raise ConfigError(problem, remedy=f"Begin with {list(SPECIALS)}.")
        if len(set(self.words)) < len(self.words):
            twice = next(one for one, other in pairwise(sorted(self.words)) if one == other)
            problem = f"The vocabulary holds {twice!r} more than once."
            raise ConfigError(problem, remedy="Give every word one number.")

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def learn(
        cls,
        documents: Documents,
        *,
        size: int,
        min_count: int = 1,
        stop_words: Iterable[str] = (),
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
        vocab = cls((*SPECIALS, *words), listed)
        parts = [
            _sequences(chunk.document, vocab._numbers.of(chunk.hashes)[chunk.token], chunk.n)
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
            n documents; a word without a number is `OOV`, and stop words are left out.
        """
        if len(documents) <= _FEW:
            return self._encode(documents)
        return Sequences.concat(list(each_chunk(documents, self._encode, progress)))

    def _encode(self, documents: Documents) -> Sequences:
        document, hashes = read_tokens(documents, self._stops)
        return _sequences(document, self._numbers.of(hashes), len(documents))

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
            m words or fewer.
        """
        return [self.words[id_] for id_ in ids.tolist() if padding or id_ != PAD]

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
        ids = self._numbers.of(tokens.hashes)
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
