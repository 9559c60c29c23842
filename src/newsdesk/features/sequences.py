"""Documents as ragged rows of word numbers: cut, padded, and laid side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.csr import take_rows
from newsdesk.types import Bools, Indices

__all__ = ["OOV", "PAD", "Reading", "Sequences", "Side"]

PAD = 0
"""Number of what fills a short row up."""
OOV = 1
"""Number of every word that is not in the vocabulary ("out of vocabulary")."""

Side = Literal["pre", "post"]
"""Which end of a row is cut or filled, in Keras' words (``pad_sequences``): the beginning or the
end."""


class Sequences(NamedTuple):
    """Word numbers of n documents in reading order."""

    indptr: Indices
    """Shape ``(n + 1,)``: document i owns ``ids[indptr[i]:indptr[i + 1]]``."""
    ids: NDArray[np.int32]
    """Word numbers from 0 on, shape ``(n_tokens,)``."""

    @property
    def n(self) -> int:
        """Number of documents."""
        return len(self.indptr) - 1

    @property
    def lengths(self) -> Indices:
        """Words of each document, shape ``(n,)``."""
        return self.indptr[1:] - self.indptr[:-1]

    @property
    def blank(self) -> Bools:
        """Documents without a known word, shape ``(n,)``; to be asked before they are filled."""
        known = np.zeros(len(self.ids) + 1, dtype=np.int64)
        np.cumsum(self.ids > OOV, out=known[1:])
        empty: Bools = known[self.indptr[1:]] == known[self.indptr[:-1]]
        return empty

    def take(self, rows: Indices) -> Sequences:
        """Choose documents.

        Parameters
        ----------
        rows : Indices
            Positions in any order, shape ``(m,)``.

        Returns
        -------
        Sequences
            m documents in that order.
        """
        indptr, entries = take_rows(self.indptr, rows)
        return Sequences(indptr, self.ids[entries])

    def extended(self, more: Sequences) -> Sequences:
        """These documents and more.

        Parameters
        ----------
        more : Sequences
            m documents.

        Returns
        -------
        Sequences
            n + m documents.
        """
        return Sequences.concat([self, more])

    @classmethod
    def concat(cls, parts: Iterable[Sequences]) -> Sequences:
        """Put documents one behind the other.

        Parameters
        ----------
        parts : Iterable[Sequences]
            Any number of documents each.

        Returns
        -------
        Sequences
            All of them.
        """
        parts = list(parts)
        indptr = np.zeros(1 + sum(part.n for part in parts), dtype=np.int64)
        if parts:
            np.concatenate([part.lengths for part in parts]).cumsum(out=indptr[1:])
        return cls(indptr, np.concatenate([np.zeros(0, np.int32), *(part.ids for part in parts)]))

    def beside(self, other: Sequences) -> Sequences:
        """Write the words of other rows behind those of these.

        Parameters
        ----------
        other : Sequences
            As many documents.

        Returns
        -------
        Sequences
            n documents.

        Examples
        --------
        >>> rows = Sequences(np.array([0, 2, 3]), np.array([7, 8, 5], dtype=np.int32))
        >>> rows.beside(rows).ids.tolist()
        [7, 8, 7, 8, 5, 5]
        """
        indptr = self.indptr + other.indptr
        result = np.empty(len(self.ids) + len(other.ids), dtype=np.int32)
        for part, before in ((self, other.indptr[:-1]), (other, self.indptr[1:])):
            result[np.arange(len(part.ids)) + before.repeat(part.lengths)] = part.ids
        return Sequences(indptr, result)

    def cut(self, longest: int, side: Side) -> Sequences:
        """Shorten long documents.

        Parameters
        ----------
        longest : int
            Words that stay, at least 1.
        side : Side
            ``"pre"`` drops a document's first words, ``"post"`` its last.

        Returns
        -------
        Sequences
            n documents, none longer than `longest`.

        Examples
        --------
        >>> rows = Sequences(np.array([0, 3, 4]), np.array([7, 8, 9, 5], dtype=np.int32))
        >>> rows.cut(2, "post").ids.tolist(), rows.cut(2, "pre").ids.tolist()
        ([7, 8, 5], [8, 9, 5])
        """
        lengths = self.lengths
        if lengths.max(initial=0) <= longest:
            return self
        kept = np.minimum(lengths, longest)
        first = self.indptr[:-1] if side == "post" else self.indptr[1:] - kept
        indptr, at = _stretches(kept)
        return Sequences(indptr, self.ids[at + first.repeat(kept)])

    def filled(self, length: int, side: Side) -> Sequences:
        """Bring all documents to one length.

        Parameters
        ----------
        length : int
            Words of each afterwards; no document is longer before.
        side : Side
            ``"pre"`` puts `PAD` before a document's first word, ``"post"`` behind its last.

        Returns
        -------
        Sequences
            n documents of that length.

        Examples
        --------
        >>> rows = Sequences(np.array([0, 2, 3]), np.array([7, 8, 5], dtype=np.int32))
        >>> rows.filled(3, "pre").ids.tolist()
        [0, 7, 8, 0, 0, 5]
        """
        lengths = self.lengths
        assert lengths.max(initial=0) <= length, "cut before you fill"
        indptr = np.arange(self.n + 1) * length
        first = indptr[:-1] if side == "post" else indptr[1:] - lengths
        ids = np.full(self.n * length, PAD, dtype=np.int32)
        ids[_stretches(lengths)[1] + first.repeat(lengths)] = self.ids
        return Sequences(indptr, ids)

    def framed(self, prefix: Iterable[int], suffix: Iterable[int]) -> Sequences:
        """Put the same entries around every document.

        Parameters
        ----------
        prefix : Iterable[int]
            What comes before its first.
        suffix : Iterable[int]
            What comes behind its last.

        Returns
        -------
        Sequences
            n documents.

        Examples
        --------
        >>> rows = Sequences(np.array([0, 2, 2]), np.array([7, 8], dtype=np.int32))
        >>> rows.framed([1], [5, 6]).ids.tolist()
        [1, 7, 8, 5, 6, 1, 5, 6]
        """
        first, last = list(prefix), list(suffix)
        lengths = self.lengths
        indptr, _ = _stretches(lengths + len(first) + len(last))
        begin = indptr[:-1] + len(first)
        ids = np.empty(int(indptr[-1]), dtype=np.int32)
        ids[_stretches(lengths)[1] + begin.repeat(lengths)] = self.ids
        for place, entry in enumerate(first):
            ids[indptr[:-1] + place] = entry
        for place, entry in enumerate(last):
            ids[begin + lengths + place] = entry
        return Sequences(indptr, ids)

    def reversed(self) -> Sequences:
        """Turn each document round.

        Returns
        -------
        Sequences
            n documents.

        Examples
        --------
        >>> rows = Sequences(np.array([0, 2, 3]), np.array([7, 8, 9], dtype=np.int32))
        >>> rows.reversed().ids.tolist()
        [8, 7, 9]
        """
        mirrored = (self.indptr[:-1] + self.indptr[1:] - 1).repeat(self.lengths)
        return Sequences(self.indptr, self.ids[mirrored - np.arange(len(self.ids))])

    def rectangle(self) -> NDArray[np.int32]:
        """The documents as one array.

        Returns
        -------
        NDArray[np.int32]
            Shape ``(n, longest)``, `PAD` behind shorter documents.
        """
        longest = int(self.lengths.max(initial=0))
        return self.filled(longest, "post").ids.reshape(self.n, longest)

    def nonempty(self) -> Sequences:
        """Give documents without words one unknown word, so that networks have something to read.

        Returns
        -------
        Sequences
            n documents of at least one word.
        """
        empty = (self.lengths == 0).nonzero()[0]
        if not len(empty):
            return self
        indptr = self.indptr.copy()
        indptr[1:] += (self.lengths == 0).cumsum()
        return Sequences(indptr, np.insert(self.ids, self.indptr[empty], OOV))


def _stretches(lengths: Indices) -> tuple[Indices, Indices]:
    """Row ends, and for each entry its place within its row."""
    indptr = np.zeros(len(lengths) + 1, dtype=np.int64)
    lengths.cumsum(out=indptr[1:])
    return indptr, np.arange(indptr[-1]) - indptr[:-1].repeat(lengths)


class Reading(NamedTuple):
    """What of some documents a network gets to read."""

    n_documents: int
    """Documents."""
    n_tokens: int
    """Their words, unknown ones included and stop words left out."""
    n_unknown: int
    """Words that are not in the vocabulary."""
    n_cut: int
    """Words that were cut off."""
    n_documents_cut: int
    """Documents of which something was cut off."""
    n_documents_blank: int
    """Documents of which no known word is left."""

    @classmethod
    def between(cls, before: Sequences, after: Sequences) -> Reading:
        """Compare documents before and after the cut.

        Parameters
        ----------
        before : Sequences
            n documents as they were encoded.
        after : Sequences
            The same documents, cut and not yet filled.

        Returns
        -------
        Reading
            Counts.
        """
        return cls(
            n_documents=before.n,
            n_tokens=len(before.ids),
            n_unknown=int((before.ids == OOV).sum()),
            n_cut=len(before.ids) - len(after.ids),
            n_documents_cut=int((before.lengths > after.lengths).sum()),
            n_documents_blank=int(after.blank.sum()),
        )

    def sentence(self) -> str:
        """Tell the shares.

        Returns
        -------
        str
            One sentence.

        Examples
        --------
        >>> Reading(20, 1000, 41, 120, 2, 1).sentence()
        '4.1 % of the words are unknown, 12.0 % are cut off (2 texts), 1 text has no known word.'
        """
        n_words = max(self.n_tokens, 1)
        return (
            f"{self.n_unknown / n_words:.1%} of the words are unknown, "
            f"{self.n_cut / n_words:.1%} are cut off ({_texts(self.n_documents_cut)}), "
            f"{_texts(self.n_documents_blank)} "
            f"{'has' if self.n_documents_blank == 1 else 'have'} no known word."
        ).replace("%", " %")


def _texts(n: int) -> str:
    return f"{n:,} text" if n == 1 else f"{n:,} texts"
