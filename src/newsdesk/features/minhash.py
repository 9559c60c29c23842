"""The compiled loops of the search for near duplicates: sets, phrases, bands and exact checks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.compiled import compiled, inlined
from newsdesk.features.words import NUMBER, UNSPACED, Words
from newsdesk.types import Indices

__all__ = [
    "ROWS",
    "WIDTH",
    "Rule",
    "band_keys",
    "count_phrases",
    "digests",
    "leave_out",
    "link",
    "list_pairs",
    "make_sets",
    "warm_up",
]

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

WIDTH = 8
"""MinHash values of a band."""
ROWS = 4
"""How many of them make its buckets; the others order the sets of a bucket."""
_PHRASE = 5
_PHRASE_UNSPACED = 12  # a Chinese word has two characters or so
# Odd multiplier (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
_NEXT = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)


class Rule(NamedTuple):
    """When two sets are near duplicates."""

    threshold: float
    """Least Jaccard similarity, above 0 and up to 1."""
    window: int
    """How many of its predecessors in a bucket a set is compared with."""


@inlined
def _mix(x: np.uint32) -> np.uint32:
    """Spread the bits: the 32-bit finaliser of MurmurHash3 (Appleby 2011)."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * np.uint32(0x85EBCA6B))
    x = np.uint32(x ^ (x >> np.uint32(13)))
    x = np.uint32(x * np.uint32(0xC2B2AE35))
    return np.uint32(x ^ (x >> np.uint32(16)))


@inlined
def _mix_long(x: np.uint64) -> np.uint64:
    """Spread the bits: the 64-bit finaliser of MurmurHash3."""
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xFF51AFD7ED558CCD)
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ (x >> np.uint64(33))


@inlined
def _phrase(words: Words, start: int, end: int, bits: int) -> tuple[int, np.int64]:
    """Length and slot of the phrase that begins with a word; length 0 if too few words follow."""
    length = _PHRASE_UNSPACED if words.items[start] & UNSPACED else _PHRASE
    key = np.uint64(0)
    if start + length > end:
        return 0, np.int64(0)
    for j in range(start, start + length):
        key = key * _NEXT + np.uint64(words.items[j])
    return length, np.int64(_mix_long(key) >> np.uint64(64 - bits))


@compiled()
def make_sets(words: Words, rows: Indices, ends: Indices, items: U32) -> int:
    """Write down the distinct words of documents in ascending order.

    Parameters
    ----------
    words : Words
        Words of n documents.
    rows : Indices
        Which of them, shape ``(m,)``.
    ends : Indices
        Receives the end of each set behind a leading 0, shape ``(m + 1,)``.
    items : U32
        Receives the sets; at least as long as the words of the documents.

    Returns
    -------
    int
        Number of items.
    """
    n = 0
    ends[0] = 0
    for i in range(len(rows)):
        own = np.sort(words.items[words.indptr[rows[i]] : words.indptr[rows[i] + 1]])
        for j in range(len(own)):
            if j == 0 or own[j] != own[j - 1]:
                items[n] = own[j]
                n += 1
        ends[i + 1] = n
    return n


@compiled()
def digests(sets: Words, found: U64) -> None:
    """Compute a digest of every set.

    Parameters
    ----------
    sets : Words
        n sets.
    found : U64
        Receives the digests, shape ``(n,)``; 0 for an empty set.
    """
    for i in range(len(found)):
        key = np.uint64(0)
        for j in range(sets.indptr[i], sets.indptr[i + 1]):
            key = _mix_long(key ^ np.uint64(sets.items[j]))
        found[i] = key


@compiled()
def count_phrases(words: Words, rows: Indices, bits: int, phrases: U64) -> None:
    """Count for every phrase the documents that it stands in.

    Parameters
    ----------
    words : Words
        Words of n documents.
    rows : Indices
        The documents that count.
    bits : int
        Of the address of a slot.
    phrases : U64
        Counters addressed by the hash of a phrase, zeroed, shape ``(2**bits,)``; changed in place.
        Above stands the document that was counted last, below how many there were.
    """
    for place in range(len(rows)):
        latest = np.uint64(place + 1) << _HALF
        row = rows[place]
        for start in range(words.indptr[row], words.indptr[row + 1]):
            length, slot = _phrase(words, start, words.indptr[row + 1], bits)
            if length and phrases[slot] < latest:
                phrases[slot] = latest | ((phrases[slot] + np.uint64(1)) & _LOWER)


@compiled()
def leave_out(words: Words, bits: int, phrases: U64, least: int, kept: U32) -> int:
    """Leave out the words that stand in phrases of many documents; numbers stay.

    Parameters
    ----------
    words : Words
        Words of n documents; `words.indptr` is changed in place to that of the words kept.
    bits : int
        Of the address of a slot.
    phrases : U64
        What `count_phrases` has counted.
    least : int
        How many documents are many.
    kept : U32
        Receives the other words, as long as the words.

    Returns
    -------
    int
        Number of words kept.
    """
    n = 0
    many = np.uint64(least)
    begin = words.indptr[0]
    for i in range(len(words.indptr) - 1):
        end = words.indptr[i + 1]
        covered = begin
        for j in range(begin, end):
            length, slot = _phrase(words, j, end, bits)
            if length and phrases[slot] & _LOWER >= many:
                covered = max(covered, j + length)
            if j >= covered or words.items[j] & NUMBER:
                kept[n] = words.items[j]
                n += 1
        words.indptr[i + 1] = n
        begin = end
    return n


@compiled()
def band_keys(sets: Words, rows: Indices, seeds: U32, keys: U64) -> None:
    """Compute the keys of sets in one band.

    The value of a seed is the least of the items' hashes under it: two sets agree in it with a
    probability of their Jaccard similarity (Broder 1997, "On the resemblance and containment of
    documents").

    Parameters
    ----------
    sets : Words
        n sets.
    rows : Indices
        Which of them, shape ``(m,)``.
    seeds : U32
        Shape ``(WIDTH,)``.
    keys : U64
        Receives the keys, shape ``(m,)``: the bucket above, the order within it below.
    """
    least = np.empty(WIDTH, dtype=np.uint32)
    for i in range(len(rows)):
        least[:] = np.uint32(0xFFFFFFFF)
        for j in range(sets.indptr[rows[i]], sets.indptr[rows[i] + 1]):
            for k in range(WIDTH):
                hashed = _mix(np.uint32(sets.items[j] ^ seeds[k]))
                least[k] = hashed if hashed < least[k] else least[k]
        bucket, order = np.uint32(0), np.uint32(0)
        for k in range(ROWS):
            bucket = _mix(np.uint32(bucket ^ least[k]))
        # The highest bits of each value: the first decides, the next among equals.
        for k in range(ROWS, WIDTH):
            order = np.uint32((order << np.uint32(8)) | (_mix(least[k]) >> np.uint32(24)))
        keys[i] = (np.uint64(bucket) << _HALF) | np.uint64(order)


@inlined
def _similarity(sets: Words, a: int, b: int, threshold: float) -> float:
    """Jaccard similarity, or 0 if it is below the threshold or the numbers contradict."""
    i, end_i = sets.indptr[a], sets.indptr[a + 1]
    j, end_j = sets.indptr[b], sets.indptr[b + 1]
    n_a, n_b = end_i - i, end_j - j
    if min(n_a, n_b) < threshold * max(n_a, n_b):
        return 0.0
    common = 0
    only_a, only_b = np.uint32(0), np.uint32(0)
    while i < end_i and j < end_j:
        x, y = sets.items[i], sets.items[j]
        if x == y:
            common += 1
            i += 1
            j += 1
        elif x < y:
            only_a |= x
            i += 1
        else:
            only_b |= y
            j += 1
    for rest in range(i, end_i):
        only_a |= sets.items[rest]
    for rest in range(j, end_j):
        only_b |= sets.items[rest]
    if only_a & only_b & NUMBER:
        return 0.0
    found = common / (n_a + n_b - common)
    return found if found >= threshold else 0.0


@inlined
def _root(parent: Indices, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled()
def link(keys: U64, order: Indices, sets: Words, rule: Rule, parent: Indices) -> None:
    """Join the near duplicates of each bucket into one tree.

    Parameters
    ----------
    keys : U64
        Keys of a band in ascending order, shape ``(m,)``.
    order : Indices
        The set of each key; none of them empty.
    sets : Words
        n sets.
    rule : Rule
        When two of them are near duplicates.
    parent : Indices
        A forest over the sets, changed in place: a root is its own parent, and the least of its
        tree.
    """
    first = 0
    for place in range(1, len(keys)):
        if keys[place] >> _HALF != keys[place - 1] >> _HALF:
            first = place
        own = order[place]
        for other in range(place - 1, max(first, place - rule.window) - 1, -1):
            a, b = _root(parent, own), _root(parent, order[other])
            if a != b and _similarity(sets, own, order[other], rule.threshold) > 0.0:
                parent[max(a, b)] = min(a, b)


@compiled()
def list_pairs(
    keys: U64, order: Indices, sets: Words, rule: Rule, pairs: Indices, similarity: F64
) -> int:
    """Write down the near duplicates of each bucket.

    Parameters
    ----------
    keys : U64
        Keys of a band in ascending order, shape ``(m,)``.
    order : Indices
        The set of each key; none of them empty.
    sets : Words
        n sets.
    rule : Rule
        When two of them are near duplicates.
    pairs : Indices
        Receives the pairs as far as there is room, the lesser set first, shape ``(room, 2)``.
    similarity : F64
        Receives their similarities, shape ``(room,)``.

    Returns
    -------
    int
        Number of pairs; it may be more than there is room for.
    """
    first, n = 0, 0
    for place in range(1, len(keys)):
        if keys[place] >> _HALF != keys[place - 1] >> _HALF:
            first = place
        own = order[place]
        for other in range(place - 1, max(first, place - rule.window) - 1, -1):
            found = _similarity(sets, own, order[other], rule.threshold)
            if found > 0.0:
                if n < len(pairs):
                    pairs[n, 0] = min(own, order[other])
                    pairs[n, 1] = max(own, order[other])
                    similarity[n] = found
                n += 1
    return n


def warm_up() -> None:
    """Compile the loops, or read them from the disk cache."""
    rows, ends = np.arange(2), np.zeros(3, dtype=np.int64)
    words = Words(np.array([0, 1, 2]), np.array([4, 4], dtype=np.uint32))
    make_sets(words, rows, ends, np.zeros(2, dtype=np.uint32))
    keys = np.zeros(2, dtype=np.uint64)
    digests(words, keys)
    phrases = np.zeros(2, dtype=np.uint64)
    count_phrases(words, rows, 1, phrases)
    leave_out(words, 1, phrases, 1, np.zeros(2, dtype=np.uint32))
    band_keys(words, rows, np.zeros(WIDTH, dtype=np.uint32), keys)
    rule = Rule(1.0, 1)
    link(keys, rows, words, rule, np.arange(2))
    list_pairs(keys, rows, words, rule, np.zeros((1, 2), dtype=np.int64), np.zeros(1))
