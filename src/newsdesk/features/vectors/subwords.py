"""Vectors of words that a file lacks, from the parts that they share with words that it has.

The vector of an n-gram is the mean over the words of the file that hold it, and the vector of a
missing word the mean over its n-grams: the bag of subwords of Zhao, Mudgal & Liang (2018),
"Generalizing word embeddings using bag of subwords", in a form that needs no training. N-grams have
3 to 6 characters, of the word between the marks ``<`` and ``>`` (Bojanowski et al. 2017,
"Enriching word vectors with subword information", section 3.2), and are kept apart by 64-bit
hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from newsdesk.features.compiled import compiled, inlined
from newsdesk.features.vectors.buffers import U64, Bytes, WordBytes, word_bytes
from newsdesk.features.vectors.index import BASIS, PRIME, spread
from newsdesk.features.vectors.lookup import WordVectors
from newsdesk.types import Floats, Indices, Progress, Silent

__all__ = ["LONGEST", "SHORTEST", "estimate"]

SHORTEST, LONGEST = 3, 6
"""Characters of an n-gram."""

_BEGIN, _END = np.uint8(0x3C), np.uint8(0x3E)  # < and >
_SUMS_BYTES = 32 << 20
"""Memory of the sums: words are estimated in groups, each with a scan of the file."""


class _Buckets(NamedTuple):
    """Sums over the words that hold an n-gram; the table of keys is addressed by their hash."""

    keys: U64
    """Hash of an n-gram, or 0 for a free place; shape ``(size,)``, a power of two."""
    slots: Indices
    """Which sum belongs to the n-gram; shape ``(size,)``."""
    sums: Floats
    """Shape ``(n_ngrams, dim)``."""
    counts: Indices
    """How many words each sum is of; shape ``(n_ngrams,)``."""
    latest: Indices
    """The word that was added last, so that none counts twice; shape ``(n_ngrams,)``."""


@compiled()
def _list_one(data: Bytes, start: int, end: int, marked: Bytes, ngrams: U64) -> int:
    """List the n-grams of ``<word>``; `marked` and `ngrams` are work space that is long enough."""
    length = end - start + 2
    marked[0], marked[length - 1] = _BEGIN, _END
    marked[1 : length - 1] = data[start:end]
    n = 0
    for first in range(length):
        if marked[first] & 0xC0 == 0x80:  # inside a character
            continue
        x = BASIS
        n_characters = 0
        for i in range(first, length):
            x = (x ^ np.uint64(marked[i])) * PRIME
            if i + 1 == length or marked[i + 1] & 0xC0 != 0x80:
                n_characters += 1
                if n_characters >= SHORTEST:
                    hashed = spread(x)
                    ngrams[n] = hashed if hashed != np.uint64(0) else np.uint64(1)
                    n += 1
                if n_characters == LONGEST:
                    break
    return n


@compiled()
def _list_ngrams(words: WordBytes, ends: Indices, ngrams: U64) -> None:
    """List the n-grams of words between their marks ``<`` and ``>``.

    Parameters
    ----------
    words : WordBytes
        n words.
    ends : Indices
        Receives the end of each word's n-grams behind a leading 0, shape ``(n + 1,)``.
    ngrams : U64
        Receives the hashes, never 0; at least four for each byte of the words and their marks.
    """
    longest = 0
    for i in range(len(ends) - 1):
        longest = max(longest, words.offsets[i + 1] - words.offsets[i])
    marked = np.empty(longest + 2, dtype=np.uint8)
    n = 0
    ends[0] = 0
    for i in range(len(ends) - 1):
        start, end = words.offsets[i], words.offsets[i + 1]
        n += _list_one(words.data, start, end, marked, ngrams[n:])
        ends[i + 1] = n


@inlined
def _place(keys: U64, ngram: np.uint64) -> np.int64:
    """Place of an n-gram in the table, or the free place where it would stand."""
    mask = len(keys) - 1
    place = np.int64(ngram & np.uint64(mask))
    while keys[place] != np.uint64(0) and keys[place] != ngram:
        place = (place + 1) & mask
    return place


@compiled()
def _fill_table(ngrams: U64, keys: U64, slots: Indices) -> int:
    """Give each distinct n-gram a slot.

    Parameters
    ----------
    ngrams : U64
        Shape ``(n,)``.
    keys : U64
        Receives the n-grams; zeroed, a power of two above n.
    slots : Indices
        Receives the slot of each.

    Returns
    -------
    int
        Number of slots.
    """
    n = 0
    for i in range(len(ngrams)):
        place = _place(keys, ngrams[i])
        if keys[place] == np.uint64(0):
            keys[place] = ngrams[i]
            slots[place] = n
            n += 1
    return n


@compiled()
def _add(words: WordBytes, vectors: Floats, first: int, buckets: _Buckets) -> None:
    """Add the vectors of known words to the buckets of their n-grams.

    Parameters
    ----------
    words : WordBytes
        n known words.
    vectors : Floats
        Shape ``(n, dim)``.
    first : int
        Row of the first of them in the file.
    buckets : _Buckets
        Changed in place.
    """
    longest = 0
    for i in range(len(vectors)):
        longest = max(longest, words.offsets[i + 1] - words.offsets[i])
    marked = np.empty(longest + 2, dtype=np.uint8)
    ngrams = np.empty(4 * (longest + 2), dtype=np.uint64)
    for i in range(len(vectors)):
        start, end = words.offsets[i], words.offsets[i + 1]
        for j in range(_list_one(words.data, start, end, marked, ngrams)):
            place = _place(buckets.keys, ngrams[j])
            if buckets.keys[place] == np.uint64(0):
                continue
            slot = buckets.slots[place]
            if buckets.latest[slot] != first + i:
                buckets.latest[slot] = first + i
                buckets.counts[slot] += 1
                for column in range(vectors.shape[1]):
                    buckets.sums[slot, column] += vectors[i, column]


@compiled()
def _means(ends: Indices, ngrams: U64, buckets: _Buckets, means: Floats) -> None:
    """Estimate words as the mean of their n-grams, and an n-gram as the mean of its words.

    Parameters
    ----------
    ends : Indices
        End of each word's n-grams behind its start, shape ``(n + 1,)``.
    ngrams : U64
        Hashes of the n-grams, all of them in the table.
    buckets : _Buckets
        What `_add` has summed.
    means : Floats
        Receives the estimates, shape ``(n, dim)``; NaN where no known word shares an n-gram.
    """
    for i in range(len(means)):
        means[i] = 0.0
        n = 0
        for j in range(ends[i], ends[i + 1]):
            slot = buckets.slots[_place(buckets.keys, ngrams[j])]
            if buckets.counts[slot] > 0:
                n += 1
                for column in range(means.shape[1]):
                    means[i, column] += buckets.sums[slot, column] / buckets.counts[slot]
        for column in range(means.shape[1]):
            means[i, column] = means[i, column] / n if n > 0 else np.nan


def estimate(
    words: pa.LargeStringArray, vectors: WordVectors, *, progress: Progress | None = None
) -> Floats:
    """Estimate vectors of words from their n-grams.

    The words are taken in groups, so that the sums of their n-grams keep to 32 MiB; each group
    costs one pass over the vectors.

    Parameters
    ----------
    words : pa.LargeStringArray
        m words.
    vectors : WordVectors
        Known words.
    progress : Progress | None
        Told of the vectors read.

    Returns
    -------
    Floats
        Shape ``(m, dim)``; NaN for a word that shares no n-gram with a known word.
    """
    estimates = np.empty((len(words), vectors.dim), dtype=np.float32)
    groups = list(_groups(words, most=max(1, _SUMS_BYTES // (4 * vectors.dim))))
    total = vectors.n * len(groups)
    with (progress or Silent()).task("estimating from subwords", total, "vectors") as advance:
        for start, stop, ends, ngrams in groups:
            buckets = _empty_buckets(ngrams, vectors.dim)
            for first, block in vectors.blocks():
                known = word_bytes(vectors.words(first, first + len(block)))
                _add(known, block, first, buckets)
                advance(len(block))
            _means(ends, ngrams, buckets, estimates[start:stop])
    return estimates


def _groups(words: pa.LargeStringArray, *, most: int) -> Iterator[tuple[int, int, Indices, U64]]:
    """Stretches of words with no more than so many n-grams, or of one word, and their n-grams."""
    raw = word_bytes(words)
    ends = np.empty(len(words) + 1, dtype=np.int64)
    n_bytes = int(raw.offsets[-1] - raw.offsets[0]) + 2 * len(words)
    ngrams = np.empty((LONGEST - SHORTEST + 1) * n_bytes, dtype=np.uint64)
    _list_ngrams(raw, ends, ngrams)
    start = 0
    while start < len(words):
        stop = max(start + 1, int(np.searchsorted(ends, ends[start] + most, side="right")) - 1)
        yield start, stop, ends[start : stop + 1] - ends[start], ngrams[ends[start] : ends[stop]]
        start = stop


def _empty_buckets(ngrams: U64, dim: int) -> _Buckets:
    size = 1 << (2 * len(ngrams) + 1).bit_length()
    keys, slots = np.zeros(size, dtype=np.uint64), np.empty(size, dtype=np.int64)
    n = _fill_table(ngrams, keys, slots)
    return _Buckets(
        keys=keys,
        slots=slots,
        sums=np.zeros((n, dim), dtype=np.float32),
        counts=np.zeros(n, dtype=np.int64),
        latest=np.full(n, -1, dtype=np.int64),
    )
