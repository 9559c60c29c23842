"""The words of a corpus and how they spread over its classes, counted without Python strings.

Words are the tokens of `newsdesk.features.tokens`: normalised, without single letters; in scripts
written without spaces each character is one. They are known by their hashes; `Vocabulary.spell`
finds the letters of those that are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.config import n_threads
from newsdesk.features.csr import equal_runs
from newsdesk.features.tokens import Tokens, tokenise
from newsdesk.types import Bools, Documents, Indices, LabelSet

__all__ = ["Vocabulary", "count"]

U64 = NDArray[np.uint64]

_CHUNK = 2048
_LOW = np.uint64(_CHUNK - 1)
"""The low bits of a hash make room for the number of the document within its chunk; the 53 bits
that stay confuse two words of a million with a probability below 1e-4."""
_PENDING = 1 << 22
"""Entries that are collected before they are added up."""
_MOST_LABEL_WORDS = 8
"""Labels of more words are sentences, which are not looked for in the texts."""


class _Entries(NamedTuple):
    """Counts of words in classes."""

    hashes: U64
    labels: NDArray[np.int32]
    rows: NDArray[np.int64]
    times: NDArray[np.int64]
    chunk: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """How often each word occurs in each class: a sparse matrix with one entry per pair.

    Parameters
    ----------
    hashes : U64
        The words, ascending, shape ``(n_words,)``.
    word : Indices
        Word of each entry, ascending, shape ``(nnz,)``.
    label : Indices
        Class of each entry.
    rows : Indices
        Texts of the class that hold the word, at least 1.
    times : Indices
        Occurrences in the texts of the class.
    first_chunk : Indices
        Chunk of documents in which each word was seen first, shape ``(n_words,)``.
    n_words : Indices
        Words of each field of each document, shape ``(n, n_fields)``.
    named : Bools
        Whether a text holds the name of its class word for word, shape ``(n,)``.
    """

    hashes: U64
    word: Indices
    label: Indices
    rows: Indices
    times: Indices
    first_chunk: Indices
    n_words: Indices
    named: Bools

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def borders(self) -> Indices:
        """Where the entries of each word begin, and the end of the last; ``(n_words + 1,)``."""
        found: Indices = np.searchsorted(self.word, np.arange(len(self) + 1))
        return found

    def totals(self, values: Indices) -> Indices:
        """Add up the entries of each word.

        Parameters
        ----------
        values : Indices
            One number per entry: `rows` or `times`.

        Returns
        -------
        Indices
            Shape ``(n_words,)``.
        """
        return np.add.reduceat(values, self.borders[:-1]) if len(self) else values

    def spell(self, documents: Documents, words: Indices) -> dict[int, str]:
        """Find the letters of words.

        Parameters
        ----------
        documents : Documents
            Those that were counted.
        words : Indices
            Positions in `hashes`.

        Returns
        -------
        dict[int, str]
            The normalised word of each position.
        """
        spelt: dict[int, str] = {}
        for chunk in np.unique(self.first_chunk[words]).tolist():
            wanted = np.unique(words[self.first_chunk[words] == chunk])
            start = chunk * _CHUNK
            part = documents.slice(start, min(start + _CHUNK, len(documents)))
            for tokens in tokenise(part):
                known, first = np.unique(tokens.hashes & ~_LOW, return_index=True)
                own, _, at = np.intersect1d(
                    self.hashes[wanted], known, assume_unique=True, return_indices=True
                )
                # Positions among all words, which ascend like `own`.
                for word, token in zip(np.searchsorted(self.hashes, own), first[at], strict=True):
                    letters = tokens.codes[tokens.start[token] : tokens.end[token]]
                    spelt[int(word)] = "".join(map(chr, letters.tolist()))
        return spelt


def count(
    documents: Documents, y: Indices, labels: LabelSet, done: Callable[[int], None]
) -> Vocabulary:
    """Count the words of a corpus, chunk by chunk on all threads.

    Parameters
    ----------
    documents : Documents
        n documents, n at least 1.
    y : Indices
        Class indices, shape ``(n,)``.
    labels : LabelSet
        The class names.
    done : Callable[[int], None]
        Told how many documents were counted.

    Returns
    -------
    Vocabulary
        The counts.
    """
    names = _LabelNames.of(labels)
    n_words, named = [], []
    pending: list[_Entries] = []
    size, size_before = 0, 0
    with ThreadPoolExecutor(n_threads()) as pool:

        def work(start: int) -> tuple[_Entries, Indices, Bools]:
            stop = min(start + _CHUNK, len(documents))
            return _count_chunk(documents.slice(start, stop), y[start:stop], names, start)

        for entries, words, hits in pool.map(work, range(0, len(documents), _CHUNK)):
            pending.append(entries)
            n_words.append(words)
            named.append(hits)
            size += len(entries.hashes)
            if size > max(_PENDING, 2 * size_before):
                pending = [_added_up(pending)]
                size = size_before = len(pending[0].hashes)
            done(len(words))
    together = _added_up(pending)
    hashes, first, word = np.unique(together.hashes, return_index=True, return_inverse=True)
    return Vocabulary(
        hashes=hashes,
        word=word.astype(np.int64),
        label=together.labels.astype(np.int64),
        rows=together.rows,
        times=together.times,
        first_chunk=np.minimum.reduceat(together.chunk, first).astype(np.int64)
        if len(hashes)
        else np.zeros(0, dtype=np.int64),
        n_words=np.concatenate(n_words),
        named=np.concatenate(named),
    )


def _added_up(parts: list[_Entries]) -> _Entries:
    """One entry per word and class, ascending."""
    hashes, labels, rows, times, chunk = map(np.concatenate, zip(*parts, strict=True))
    order = np.lexsort((labels, hashes))
    hashes, labels = hashes[order], labels[order]
    if not len(order):
        return _Entries(hashes, labels, rows, times, chunk)
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (hashes[1:] != hashes[:-1]) | (labels[1:] != labels[:-1])
    starts = np.flatnonzero(new)
    return _Entries(
        hashes[starts],
        labels[starts],
        np.add.reduceat(rows[order], starts),
        np.add.reduceat(times[order], starts),
        np.minimum.reduceat(chunk[order], starts),
    )


class _LabelNames(NamedTuple):
    """The words of the labels."""

    hashes: U64
    """Shape ``(n_classes, _MOST_LABEL_WORDS)``."""
    lengths: Indices
    """Words of each label; 0 for those that are not looked for."""

    @classmethod
    def of(cls, labels: LabelSet) -> _LabelNames:
        hashes = np.zeros((len(labels), _MOST_LABEL_WORDS), dtype=np.uint64)
        lengths = np.zeros(len(labels), dtype=np.int64)
        for start in range(0, len(labels), _CHUNK):
            for tokens in tokenise(Documents.from_texts(labels.names[start : start + _CHUNK])):
                label, first, n = np.unique(tokens.document, return_index=True, return_counts=True)
                for index, at, length in zip(label + start, first, n, strict=True):
                    if length <= _MOST_LABEL_WORDS:
                        hashes[index, :length] = tokens.hashes[at : at + length]
                        lengths[index] = length
        return cls(hashes, lengths)

    def found_in(self, tokens: Tokens, y: Indices) -> Indices:
        """Documents that hold the words of their label next to each other in one field."""
        label = y[tokens.document]
        at = np.flatnonzero((tokens.hashes == self.hashes[label, 0]) & (self.lengths[label] > 0))
        last = len(tokens.hashes) - 1
        for position in range(1, _MOST_LABEL_WORDS):
            own = label[at]
            other = np.minimum(at + position, last)
            same = (
                (at + position <= last)
                & (tokens.document[other] == tokens.document[at])
                & (tokens.field[other] == tokens.field[at])
                & (tokens.hashes[other] == self.hashes[own, position])
            )
            at = at[same | (self.lengths[own] <= position)]
        found: Indices = np.unique(tokens.document[at])
        return found


def _count_chunk(
    documents: Documents, y: Indices, names: _LabelNames, start: int
) -> tuple[_Entries, Indices, Bools]:
    n, n_fields = len(documents), len(documents.fields)
    n_words = np.zeros(n * n_fields, dtype=np.int64)
    named = np.zeros(n, dtype=np.bool_)
    keys = [np.zeros(0, dtype=np.uint64)]
    for tokens in tokenise(documents):
        n_words += np.bincount(tokens.document * n_fields + tokens.field, minlength=len(n_words))
        named[names.found_in(tokens, y)] = True
        keys.append((tokens.hashes & ~_LOW) | tokens.document.astype(np.uint64))
    key = np.sort(np.concatenate(keys))
    borders = equal_runs(key)
    unique = key[borders[:-1]]
    entries = _Entries(
        hashes=unique & ~_LOW,
        labels=y[(unique & _LOW).astype(np.int64)].astype(np.int32),
        rows=np.ones(len(unique), dtype=np.int64),
        times=np.diff(borders),
        chunk=np.full(len(unique), start // _CHUNK, dtype=np.int32),
    )
    return _added_up([entries]), n_words.reshape(n, n_fields), named
