"""Words by their hash: compiled look-up by binary search."""

from __future__ import annotations

import numpy as np

from newsdesk.features.compiled import compiled, inlined
from newsdesk.features.vectors.buffers import U64, Bytes, WordBytes
from newsdesk.types import Indices

__all__ = ["BASIS", "PRIME", "find_rows", "hash_words", "spread"]


# FNV-1a of 64 bits (Fowler, Noll & Vo), then the finaliser of MurmurHash3 (Appleby 2011).
BASIS = np.uint64(0xCBF29CE484222325)
PRIME = np.uint64(0x100000001B3)


@inlined
def spread(x: np.uint64) -> np.uint64:
    """Make all bits of a hash depend on each other.

    Parameters
    ----------
    x : np.uint64
        A hash.

    Returns
    -------
    np.uint64
        Another.
    """
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xFF51AFD7ED558CCD)
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ (x >> np.uint64(33))


@compiled()
def _hash(data: Bytes, start: int, end: int) -> np.uint64:
    x = BASIS
    for i in range(start, end):
        x = (x ^ np.uint64(data[i])) * PRIME
    return spread(x)


@compiled()
def hash_words(words: WordBytes, hashes: U64) -> None:
    """Hash words.

    Parameters
    ----------
    words : WordBytes
        n words.
    hashes : U64
        Receives their hashes, shape ``(n,)``.
    """
    for i in range(len(hashes)):
        hashes[i] = _hash(words.data, words.offsets[i], words.offsets[i + 1])


@compiled()
def find_rows(
    words: WordBytes, known: WordBytes, hashes: U64, rows: Indices, found: Indices
) -> None:
    """Look words up; what is found agrees in every byte, not in its hash alone.

    Parameters
    ----------
    words : WordBytes
        m words to look for.
    known : WordBytes
        n words that there are.
    hashes : U64
        Their hashes in ascending order, shape ``(n,)``.
    rows : Indices
        The word of each hash, shape ``(n,)``.
    found : Indices
        Receives the number of each word among the known, -1 where it is missing, shape ``(m,)``.
    """
    for i in range(len(found)):
        start, length = words.offsets[i], words.offsets[i + 1] - words.offsets[i]
        wanted = _hash(words.data, start, start + length)
        place, high = 0, len(hashes)
        while place < high:
            middle = (place + high) // 2
            if hashes[middle] < wanted:
                place = middle + 1
            else:
                high = middle
        found[i] = -1
        while place < len(hashes) and hashes[place] == wanted and found[i] < 0:
            row = rows[place]
            first = known.offsets[row]
            same = known.offsets[row + 1] - first == length
            j = 0
            while same and j < length:
                same = known.data[first + j] == words.data[start + j]
                j += 1
            if same:
                found[i] = row
            place += 1
