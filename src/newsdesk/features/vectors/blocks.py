"""Rows on their way from a vector file to the disk."""

from __future__ import annotations

import numpy as np

from newsdesk.features.vectors.buffers import Bytes
from newsdesk.types import Floats, Indices

__all__ = ["Block"]


class Block:
    """Some rows of a vector file: their words in one buffer, and their vectors.

    Parameters
    ----------
    n_bytes : int
        Of the piece of the file that is read into it; room for the words.
    room : int
        Most rows.
    dim : int
        Numbers of a vector.

    Attributes
    ----------
    n : int
        Rows so far.
    words : Bytes
        Shape ``(n_bytes,)``.
    ends : Indices
        End of each word in `words`, shape ``(room,)``.
    vectors : Floats
        Shape ``(room, dim)``.
    """

    def __init__(self, n_bytes: int, room: int, dim: int) -> None:
        self.n = 0
        self.words: Bytes = np.empty(n_bytes, dtype=np.uint8)
        self.ends: Indices = np.empty(room, dtype=np.int64)
        self.vectors: Floats = np.empty((room, dim), dtype="<f4")

    def add(self, word: bytes, vector: Floats) -> None:
        """Append one row.

        Parameters
        ----------
        word : bytes
            In UTF-8, or what stands in its place.
        vector : Floats
            Shape ``(dim,)``.
        """
        at = int(self.ends[self.n - 1]) if self.n else 0
        self.words[at : at + len(word)] = np.frombuffer(word, dtype=np.uint8)
        self.ends[self.n] = at + len(word)
        self.vectors[self.n] = vector
        self.n += 1

    def word(self, row: int) -> bytes:
        """Give one word.

        Parameters
        ----------
        row : int
            0 to n - 1.

        Returns
        -------
        bytes
            As the file has it.
        """
        start = int(self.ends[row - 1]) if row else 0
        return self.words[start : int(self.ends[row])].tobytes()
