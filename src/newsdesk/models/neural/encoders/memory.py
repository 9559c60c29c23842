"""Vectors of texts that were encoded before, kept on the disk.

An entry of the cache belongs to one way of encoding: its name is a digest of the encoder, its
precision, its pooling and its length. It holds two files that only ever grow: the vectors, and one
record a text with the digest of the text, its length and a checksum of its vector. A text reaches
an encoder clean, so its digest covers what cleaned it.

Vectors are written before their records: after a crash at any moment, records without a vector and
vectors without a record are cut off by whoever writes next.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.caching import alone, translated
from newsdesk.models.neural.records import append, entry, grown, latest, size_of
from newsdesk.types import Bools, Floats, Indices

__all__ = ["Keys", "Memory", "Recalled", "keys_of"]

_RECORD = np.dtype([("high", "<u8"), ("low", "<u8"), ("n_pieces", "<u4"), ("checksum", "<u4")])
_KEY = np.dtype([("high", "<u8"), ("low", "<u8")])
_FORMAT = 3
"""Raised whenever the same way of encoding comes to give other numbers."""

Keys = NDArray[np.void]
"""Digests of texts, each as two numbers, shape ``(n,)``."""


class Recalled(NamedTuple):
    """What is known of some texts."""

    known: Bools
    """Which of them, shape ``(n,)``."""
    vectors: Floats
    """Theirs, shape ``(n, width)``; those of unknown texts are undefined."""
    n_pieces: Indices
    """Word pieces of each text before it is cut, shape ``(n,)``."""


def keys_of(texts: Sequence[str]) -> Keys:
    """Digest texts.

    Parameters
    ----------
    texts : Sequence[str]
        n texts.

    Returns
    -------
    Keys
        128 bits of BLAKE2b each.
    """
    digests = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
    return np.frombuffer(b"".join(digests), dtype=_KEY)


@dataclass(frozen=True, eq=False)
class Memory:
    """The vectors of one way of encoding.

    Parameters
    ----------
    folder : Path
        The entry of the cache; it need not exist.
    width : int
        Numbers of a vector.
    """

    folder: Path
    width: int

    @classmethod
    def of(cls, width: int, *parts: object) -> Memory:
        """Find the entry of a way of encoding.

        Parameters
        ----------
        width : int
            Numbers of a vector.
        *parts : object
            All that vectors depend on, beside the text.

        Returns
        -------
        Memory
            The entry.

        Raises
        ------
        StorageError
            If the user has no home.
        """
        return cls(entry("encodings", _FORMAT, width, *parts), width)

    def recall(self, keys: Keys) -> Recalled:
        """Look texts up; nothing is known of a damaged record.

        Parameters
        ----------
        keys : Keys
            From `keys_of`, shape ``(n,)``.

        Returns
        -------
        Recalled
            What is known.

        Raises
        ------
        StorageError
            If the files cannot be read.
        """
        known = np.zeros(len(keys), dtype=np.bool_)
        vectors = np.empty((len(keys), self.width), dtype=np.float32)
        n_pieces = np.zeros(len(keys), dtype=np.int64)
        with translated(self.folder):
            records, stored = self._read()
        if not len(records):
            return Recalled(known, vectors, n_pieces)
        place, same = latest(records, keys)
        found = records[place]
        for row in np.flatnonzero(same).tolist():
            vector = stored[place[row]]
            if zlib.crc32(vector.tobytes()) == found["checksum"][row]:
                vectors[row] = vector
                known[row] = True
        n_pieces[known] = found["n_pieces"][known]
        return Recalled(known, vectors, n_pieces)

    def _read(self) -> tuple[NDArray[np.void], Floats]:
        """Records, and the vectors beside them as the disk has them."""
        nothing = np.empty(0, dtype=_RECORD), np.empty((0, self.width), dtype=np.float32)
        try:
            records = np.fromfile(self.folder / "records", dtype=_RECORD)
            size = (self.folder / "vectors").stat().st_size
        except FileNotFoundError:
            return nothing
        n = min(len(records), size // (4 * self.width))
        if not n:
            return nothing
        shape = (n, self.width)
        return records[:n], np.memmap(self.folder / "vectors", np.float32, mode="r", shape=shape)

    def add(self, keys: Keys, vectors: Floats, n_pieces: Indices) -> None:
        """Keep what was computed.

        Parameters
        ----------
        keys : Keys
            From `keys_of`, shape ``(n,)``.
        vectors : Floats
            Shape ``(n, width)``.
        n_pieces : Indices
            Word pieces of each text before it is cut, shape ``(n,)``.

        Raises
        ------
        StorageError
            If the disk refuses.
        """
        records = np.empty(len(keys), dtype=_RECORD)
        records["high"], records["low"], records["n_pieces"] = keys["high"], keys["low"], n_pieces
        records["checksum"] = [zlib.crc32(vector.tobytes()) for vector in vectors]
        with alone(self.folder), translated(self.folder):
            self.folder.mkdir(exist_ok=True)
            with (
                grown(self.folder / "vectors") as stored,
                grown(self.folder / "records") as list_,
            ):
                row_bytes = 4 * self.width
                n = min(size_of(stored) // row_bytes, size_of(list_) // _RECORD.itemsize)
                append(stored, n * row_bytes, vectors.tobytes())
                append(list_, n * _RECORD.itemsize, records.tobytes())
