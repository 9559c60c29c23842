"""Hashed n-grams: from documents to sparse counts, in NumPy alone.

One implementation serves training and prediction, so no compiled code is needed to predict and
nothing can differ between the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.csr import equal_runs, stack_rows, take_rows
from newsdesk.features.tokens import Tokens, inverse_powers, mix, tokenise
from newsdesk.types import Documents, Indices, Progress, Silent

__all__ = ["Counts", "NgramHasher", "Occurrences"]

U64 = NDArray[np.uint64]

# Odd multiplier (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
_NEXT = np.uint64(0xBF58476D1CE4E5B9)
# They keep equal keys of different orders of n-gram apart.
_SALTS = [np.uint64(n * 0x94D049BB133111EB % (1 << 64)) for n in range(9)]


class Counts(NamedTuple):
    """How often each n-gram slot occurs in each document: a sparse matrix in row order."""

    indptr: Indices
    """Shape ``(n + 1,)``: document i owns entries ``indptr[i] … indptr[i+1]-1``."""
    slots: NDArray[np.int32]
    """``block << bits | hash``, ascending within a document, shape ``(nnz,)``."""
    counts: NDArray[np.uint16]
    """Occurrences, at least 1, saturating at 65,535, shape ``(nnz,)``."""

    @property
    def n(self) -> int:
        """Number of documents."""
        return len(self.indptr) - 1

    def extended(self, more: Counts) -> Counts:
        """These rows and more.

        Parameters
        ----------
        more : Counts
            Counts of m documents.

        Returns
        -------
        Counts
            n + m rows.
        """
        return Counts.concat([self, more])

    def take(self, rows: Indices) -> Counts:
        """Counts of some of the documents.

        Parameters
        ----------
        rows : Indices
            Positions, shape ``(m,)``.

        Returns
        -------
        Counts
            m rows in the given order.
        """
        indptr, entries = take_rows(self.indptr, rows)
        return Counts(indptr, self.slots[entries], self.counts[entries])

    @classmethod
    def concat(cls, parts: list[Counts]) -> Counts:
        """Put rows below each other.

        Parameters
        ----------
        parts : list[Counts]
            At least one.

        Returns
        -------
        Counts
            All of them.
        """
        return cls(
            stack_rows([part.indptr for part in parts]),
            np.concatenate([part.slots for part in parts]),
            np.concatenate([part.counts for part in parts]),
        )

    @classmethod
    def nothing(cls, n: int) -> Counts:
        """Counts of documents that hold no n-gram.

        Parameters
        ----------
        n : int
            How many documents.

        Returns
        -------
        Counts
            n empty rows.
        """
        empty = np.zeros(0, dtype=np.int32)
        return cls(np.zeros(n + 1, dtype=np.int64), empty, empty.astype(np.uint16))


class Occurrences(NamedTuple):
    """Every n-gram of one kind in one group of documents, with its place."""

    document: Indices
    """Document, shape ``(m,)``."""
    block: int
    """Block of the hasher."""
    key: U64
    """Hash before `NgramHasher.slots`."""
    start: Indices
    """First character in the group's code points."""
    end: Indices
    """One past the last character."""


@dataclass(frozen=True)
class NgramHasher:
    """Documents to hashed n-gram counts.

    N-grams of different blocks never share a slot. The blocks are: words of the whole document,
    words of each field that is hashed apart, then the same for characters.

    Parameters
    ----------
    word_ngrams : tuple[int, int]
        Shortest and longest word n-gram, 1 ≤ shortest ≤ longest ≤ 5.
    char_ngrams : tuple[int, int] | None
        Shortest and longest character n-gram inside words (a border counts as one character),
        at least 3; None for none.
    n_apart : int
        How many leading fields are hashed apart, besides the whole document.
    bits : int
        There are ``2**bits`` slots per block, 10 ≤ bits ≤ 24.
    """

    word_ngrams: tuple[int, int] = (1, 2)
    char_ngrams: tuple[int, int] | None = None
    n_apart: int = 0
    bits: int = 22

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return (1 + self.n_apart) * (1 if self.char_ngrams is None else 2)

    def occurrences(self, tokens: Tokens) -> Iterator[Occurrences]:
        """Every n-gram with its hash and place, one batch per kind of n-gram.

        Parameters
        ----------
        tokens : Tokens
            One group of documents.

        Yields
        ------
        Occurrences
            In no promised order.
        """
        yield from self._words(tokens, 0, slice(None))
        for number in range(1, self.n_apart + 1):
            yield from self._words(tokens, number, (tokens.field == number - 1).nonzero()[0])
        if self.char_ngrams is not None:
            yield from self._chars(tokens, self.char_ngrams)

    def _words(self, tokens: Tokens, block: int, own: slice | Indices) -> Iterator[Occurrences]:
        """Word n-grams of the tokens of a block, none across documents."""
        hashes, document = tokens.hashes[own], tokens.document[own]
        start, end = tokens.start[own], tokens.end[own]
        one_document = len(tokens.segments.rows) == 1
        key = hashes
        for n in range(1, min(self.word_ngrams[1], len(hashes)) + 1):
            if n > 1:
                key = key[:-1] * _NEXT + hashes[n - 1 :]
            if n < self.word_ngrams[0]:
                continue
            salted = key ^ _SALTS[n]
            last = len(key)
            if n == 1 or one_document:
                yield Occurrences(document[:last], block, salted, start[:last], end[n - 1 :])
            else:
                same = (document[:last] == document[n - 1 :]).nonzero()[0]
                yield Occurrences(
                    document[same], block, salted[same], start[same], end[n - 1 :][same]
                )

    def _chars(self, tokens: Tokens, lengths: tuple[int, int]) -> Iterator[Occurrences]:
        """Character n-grams whose inner characters all belong to words."""
        n_chars = len(tokens.codes)
        separators = np.zeros(n_chars + 1, dtype=np.int32)
        (tokens.codes == 0x20).cumsum(out=separators[1:])
        inverse = inverse_powers(n_chars)
        block = self.n_apart + 1
        for n in range(lengths[0], min(lengths[1], n_chars) + 1):
            last = n_chars - n + 1
            start = (separators[n - 1 : n - 1 + last] == separators[1 : 1 + last]).nonzero()[0]
            key = (tokens.prefix[start + n] - tokens.prefix[start]) * inverse[start]
            key ^= _SALTS[n]
            # An n-gram may begin at the border before its field's first word: hence start + 1.
            document, field = tokens.segments.place(start + 1)
            yield Occurrences(document, block, key, start, start + n)
            for number in range(1, self.n_apart + 1):
                own = (field == number - 1).nonzero()[0]
                yield Occurrences(
                    document[own], block + number, key[own], start[own], start[own] + n
                )

    def slots(self, found: Occurrences) -> NDArray[np.int64]:
        """Slots of n-grams.

        Parameters
        ----------
        found : Occurrences
            m n-grams of one kind.

        Returns
        -------
        NDArray[np.int64]
            ``block << bits | hash``, shape ``(m,)``.
        """
        hashed = mix(found.key.copy()) >> np.uint64(64 - self.bits)
        return hashed.astype(np.int64) | (found.block << self.bits)

    def count(self, documents: Documents) -> Counts:
        """Count the n-grams of a few thousand documents.

        Parameters
        ----------
        documents : Documents
            n documents.

        Returns
        -------
        Counts
            One row per document, in their order.
        """
        batches = [found for tokens in tokenise(documents) for found in self.occurrences(tokens)]
        return self.count_occurrences(batches, len(documents))

    def count_occurrences(self, batches: Sequence[Occurrences], n: int) -> Counts:
        """Count n-grams that were found already.

        Parameters
        ----------
        batches : Sequence[Occurrences]
            All n-grams of the documents.
        n : int
            How many documents there are.

        Returns
        -------
        Counts
            One row per document, in their order.
        """
        if not any(len(found.key) for found in batches):
            return Counts.nothing(n)
        slot_bits = self.bits + (self.n_blocks - 1).bit_length()
        # As `slots` does, but for all kinds at once; above the slot stands the document.
        key = mix(np.concatenate([found.key for found in batches]))
        key >>= np.uint64(64 - self.bits)
        at = 0
        for found in batches:
            own = key[at : at + len(found.key)]
            at += len(found.key)
            if found.block:
                own |= np.uint64(found.block << self.bits)
            if n > 1:
                own |= found.document.view(np.uint64) << np.uint64(slot_bits)
        key.sort()
        borders = equal_runs(key)
        unique = key[borders[:-1]].view(np.int64)
        counts = np.minimum(borders[1:] - borders[:-1], 65535).astype(np.uint16)
        if n == 1:
            return Counts(np.array([0, len(unique)]), unique.astype(np.int32), counts)
        ends = (unique >> slot_bits).searchsorted(np.arange(n + 1))
        slots = (unique & ((1 << slot_bits) - 1)).astype(np.int32)
        return Counts(ends, slots, counts)

    def count_all(
        self, documents: Documents, *, n_threads: int, progress: Progress | None = None
    ) -> Counts:
        """Count the n-grams of any number of documents, chunk by chunk on several threads.

        Parameters
        ----------
        documents : Documents
            n documents.
        n_threads : int
            At least 1; the result does not depend on it.
        progress : Progress | None
            Told of every chunk.

        Returns
        -------
        Counts
            One row per document.
        """
        progress = progress or Silent()
        size = 2048
        chunks = [(at, min(at + size, len(documents))) for at in range(0, len(documents), size)]
        parts: list[Counts] = []
        with (
            ThreadPoolExecutor(n_threads) as pool,
            progress.task("n-grams", len(documents), "documents") as done,
        ):
            for part in pool.map(lambda chunk: self.count(documents.slice(*chunk)), chunks):
                parts.append(part)
                done(part.n)
        return Counts.concat(parts) if parts else Counts.nothing(0)
