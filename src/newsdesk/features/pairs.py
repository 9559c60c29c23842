"""Pairs of neighbouring words as further entries of a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import ConfigError
from newsdesk.features.sequences import OOV, Sequences
from newsdesk.types import Bools, Indices

__all__ = ["Pairs"]


class _Neighbours(NamedTuple):
    """The words of some documents and the next one of each, but for the last of a document."""

    document: Indices
    """Document of each couple, ascending, shape ``(m,)``."""
    keys: Indices
    """One number for both words."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of neighbouring words that have numbers of their own, behind those of the words.

    Parameters
    ----------
    words : NDArray[np.int32]
        Numbers of the first and the second word of each pair, shape ``(m, 2)``, in rising order.
    n_words : int
        Numbers of the vocabulary: the first pair has this number.

    Raises
    ------
    ConfigError
        If a pair holds what is no word, occurs twice or stands out of order.

    Examples
    --------
    >>> rows = Sequences(np.array([0, 3, 5]), np.array([2, 3, 4, 2, 3], dtype=np.int32))
    >>> pairs = Pairs.learn(rows, n_words=5, size=10, min_count=2)
    >>> pairs.words.tolist()
    [[2, 3]]
    >>> pairs.added(rows).ids.tolist()
    [2, 3, 4, 5, 2, 3, 5]
    """

    words: NDArray[np.int32]
    n_words: int

    def __post_init__(self) -> None:
        keys = self._keys
        known = (self.words > OOV) & (self.words < self.n_words)
        if not known.all() or not (keys[1:] > keys[:-1]).all():
            problem = "The pairs of words are not pairs of known words in rising order."
            raise ConfigError(problem, remedy="Train the bundle again, or fetch an intact copy.")

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def _keys(self) -> Indices:
        first, second = self.words.astype(np.int64).T
        keys: Indices = first * self.n_words + second
        return keys

    @classmethod
    def learn(cls, sequences: Sequences, *, n_words: int, size: int, min_count: int) -> Pairs:
        """Give the most frequent pairs numbers.

        Parameters
        ----------
        sequences : Sequences
            The words of n documents, in reading order.
        n_words : int
            Numbers of the vocabulary.
        size : int
            Pairs at most.
        min_count : int
            Occurrences that a pair needs.

        Returns
        -------
        Pairs
            Of equally frequent ones, those of the more frequent first word come first.
        """
        keys, times = np.unique(_neighbours(sequences, n_words).keys, return_counts=True)
        order = np.argsort(-times, kind="stable")[:size]
        chosen = np.sort(keys[order[times[order] >= min_count]])
        words = np.stack(np.divmod(chosen, n_words), axis=1).astype(np.int32)
        return cls(words, n_words)

    def added(self, sequences: Sequences) -> Sequences:
        """Write the pairs of documents behind their words.

        Parameters
        ----------
        sequences : Sequences
            The words of n documents, in reading order.

        Returns
        -------
        Sequences
            n documents: their words, then the numbers of the pairs in them, in reading order.
        """
        if not len(self):
            return sequences
        document, keys = _neighbours(sequences, self.n_words)
        hit, ids = self._find(keys)
        document = document[hit]
        n_pairs = np.bincount(document, minlength=sequences.n)
        indptr = sequences.indptr.copy()
        indptr[1:] += n_pairs.cumsum()
        # Where the words of the next document begin, a document's pairs end.
        place = np.arange(len(document)) + sequences.indptr[1:][document]
        is_pair = np.zeros(int(indptr[-1]), dtype=np.bool_)
        is_pair[place] = True
        result = np.empty(len(is_pair), dtype=np.int32)
        result[is_pair] = ids
        result[~is_pair] = sequences.ids
        return Sequences(indptr, result)

    def between(self, ids: NDArray[np.int32]) -> tuple[Indices, NDArray[np.int32]]:
        """Find the pairs of one document.

        Parameters
        ----------
        ids : NDArray[np.int32]
            Its words.

        Returns
        -------
        tuple[Indices, NDArray[np.int32]]
            Positions of the first words, rising, and the numbers of the pairs, as `added` gives
            them.
        """
        couples = ids[:-1].astype(np.int64) * self.n_words + ids[1:]
        hit, numbers = self._find(couples)
        return hit.nonzero()[0], numbers

    def _find(self, keys: Indices) -> tuple[Bools, NDArray[np.int32]]:
        """Which keys are pairs, and the numbers of those."""
        if not len(self):
            return np.zeros(len(keys), dtype=np.bool_), np.zeros(0, dtype=np.int32)
        place = self._keys.searchsorted(keys)
        place[place == len(self)] = 0
        hit: Bools = self._keys[place] == keys
        return hit, (self.n_words + place[hit]).astype(np.int32)


def _neighbours(sequences: Sequences, n_words: int) -> _Neighbours:
    ids = sequences.ids.astype(np.int64)
    document = np.arange(sequences.n).repeat(sequences.lengths)
    kept = (ids[:-1] > OOV) & (ids[1:] > OOV) & (document[:-1] == document[1:])
    return _Neighbours(document[:-1][kept], ids[:-1][kept] * n_words + ids[1:][kept])
