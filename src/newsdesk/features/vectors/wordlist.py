"""The words of a vector file while it is read: which of them count, and what was left out."""

from __future__ import annotations

import numpy as np

from newsdesk.features.vectors.blocks import Block
from newsdesk.features.vectors.buffers import U64, Bytes, WordBytes
from newsdesk.features.vectors.index import hash_words
from newsdesk.types import Bools, Indices

__all__ = ["WordList", "first_of_each", "select"]


class WordList:
    """Gathers words block by block.

    Attributes
    ----------
    n_read : int
        Words that were given, whatever they are.
    n_empty : int
        Those of them without a character.
    n_undecodable : int
        Those that are no valid UTF-8.
    """

    def __init__(self) -> None:
        self.n_read = self.n_empty = self.n_undecodable = 0
        self._data: list[Bytes] = []
        self._lengths: list[Indices] = []
        self._hashes: list[U64] = []

    def add(self, block: Block) -> Bools:
        """Take the words of a block.

        Parameters
        ----------
        block : Block
            Of n rows.

        Returns
        -------
        Bools
            Which words are taken, shape ``(n,)``: those that are text.
        """
        offsets = _behind_zero(block.ends[: block.n])
        words = WordBytes(block.words[: offsets[-1]], offsets)
        lengths = np.diff(offsets)
        kept: Bools = lengths > 0
        self.n_read += block.n
        self.n_empty += block.n - int(kept.sum())
        if not _is_text(words):
            undecodable = np.array([not _decodes(block.word(row)) for row in range(block.n)])
            self.n_undecodable += int(undecodable.sum())
            kept &= ~undecodable
        hashes = np.empty(block.n, dtype=np.uint64)
        hash_words(words, hashes)
        self._data.append(words.data[kept.repeat(lengths)])
        self._lengths.append(lengths[kept])
        self._hashes.append(hashes[kept])
        return kept

    def joined(self) -> tuple[WordBytes, U64]:
        """Give all words that were taken.

        Returns
        -------
        tuple[WordBytes, U64]
            m words, and their hashes of shape ``(m,)``.
        """
        offsets = _behind_zero(np.concatenate(self._lengths).cumsum())
        return WordBytes(np.concatenate(self._data), offsets), np.concatenate(self._hashes)


def first_of_each(words: WordBytes, hashes: U64) -> Bools:
    """Tell which words did not stand before.

    Parameters
    ----------
    words : WordBytes
        n words.
    hashes : U64
        Their hashes, shape ``(n,)``.

    Returns
    -------
    Bools
        Shape ``(n,)``.
    """
    first = np.ones(len(hashes), dtype=np.bool_)
    order = np.argsort(hashes, kind="stable")
    ascending = hashes[order]
    equal = np.flatnonzero(ascending[1:] == ascending[:-1])
    # Equal hashes are nearly always equal words, but only their bytes can tell.
    seen: set[bytes] = set()
    for row in np.unique(order[np.concatenate([equal, equal + 1])]).tolist():
        start, end = words.offsets[row : row + 2]
        word = words.data[start:end].tobytes()
        first[row] = word not in seen
        seen.add(word)
    return first


def select(words: WordBytes, kept: Bools) -> WordBytes:
    """Select words.

    Parameters
    ----------
    words : WordBytes
        n words.
    kept : Bools
        Which of them, shape ``(n,)``.

    Returns
    -------
    WordBytes
        In the same order.
    """
    lengths = np.diff(words.offsets)
    return WordBytes(words.data[kept.repeat(lengths)], _behind_zero(lengths[kept].cumsum()))


def _behind_zero(ends: Indices) -> Indices:
    return np.concatenate([np.zeros(1, dtype=np.int64), ends])


def _is_text(words: WordBytes) -> bool:
    """Tell at once whether all words are valid UTF-8.

    They are where all of them together are, and none begins inside a character.
    """
    starts = words.offsets[:-1][np.diff(words.offsets) > 0]
    return _decodes(words.data.tobytes()) and not (words.data[starts] & 0xC0 == 0x80).any()


def _decodes(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True
