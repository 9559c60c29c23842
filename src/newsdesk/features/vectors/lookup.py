"""Word vectors on the disk: which words there are, and the vectors of a few of them."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsdesk.errors import StorageError
from newsdesk.features.vectors import entry
from newsdesk.features.vectors.buffers import WordBytes, word_bytes
from newsdesk.features.vectors.entry import Facts, rows_of_block
from newsdesk.types import Floats, Indices, string_array

__all__ = ["WordVectors"]


class WordVectors:
    """Vectors of n words, of which only those that are asked for are read.

    The index of the words is mapped into memory. Vectors are read by their place: pages of a mapped
    file stay with the process, and the system maps the neighbours of each page that is touched.

    Parameters
    ----------
    name : str
        The vector file.
    folder : Path
        Where it was converted to; it must stay as long as vectors are read.
    facts : Facts
        What `newsdesk.features.vectors.entry.read_facts` found there.
    """

    def __init__(self, name: str, folder: Path, facts: Facts) -> None:
        self.name = name
        self.dim = facts.dim
        """Numbers of a vector."""
        self.n = facts.n
        """Number of words, all distinct."""
        self.notes = tuple(facts.notes)
        """What was left out of the file, as sentences."""
        self._matrix = folder / entry.MATRIX
        data = _mapped(folder / entry.WORDS, "u1")
        self._words = WordBytes(data, _mapped(folder / entry.OFFSETS, "<i8"))
        self._hashes = _mapped(folder / entry.HASHES, "<u8")
        self._rows = _mapped(folder / entry.ROWS, "<i8")
        self.mean: Floats = np.fromfile(folder / entry.MEAN, dtype="<f4")
        """The mean of all vectors, shape ``(dim,)``."""

    def __len__(self) -> int:
        return self.n

    def __repr__(self) -> str:
        return f"WordVectors({self.name!r}, n={self.n}, dim={self.dim})"

    def find(self, words: Iterable[str] | pa.Array) -> Indices:
        """Look words up, as they are.

        Parameters
        ----------
        words : Iterable[str] | pa.Array
            m words.

        Returns
        -------
        Indices
            The row of each word, -1 where it is missing; shape ``(m,)``.

        Raises
        ------
        InputError
            If a word is no text.
        """
        # Loads numba, which those who only name the settings do without.
        from newsdesk.features.vectors.index import find_rows

        wanted = string_array(words)
        found = np.empty(len(wanted), dtype=np.int64)
        find_rows(word_bytes(wanted), self._words, self._hashes, self._rows, found)
        return found

    def take(self, rows: Indices) -> Floats:
        """Read vectors.

        Parameters
        ----------
        rows : Indices
            m rows from 0 to n - 1, in any order.

        Returns
        -------
        Floats
            Shape ``(m, dim)``.

        Raises
        ------
        StorageError
            If they cannot be read.
        """
        assert not len(rows) or (rows.min() >= 0 and rows.max() < self.n), "no such row"
        size = 4 * self.dim
        taken = np.empty((len(rows), self.dim), dtype="<f4")
        target = taken.view(np.uint8)
        try:
            with self._matrix.open("rb", buffering=0) as file:
                for place in np.argsort(rows, kind="stable").tolist():
                    file.seek(size * int(rows[place]))
                    self._fill(file, target[place])
        except OSError as error:
            raise self._unreadable(error) from error
        return taken

    def words(self, start: int, stop: int) -> pa.LargeStringArray:
        """Words of the file in its order, without a copy.

        Parameters
        ----------
        start : int
            First row.
        stop : int
            One past the last row.

        Returns
        -------
        pa.LargeStringArray
            Shape ``(stop - start,)``.
        """
        offsets, data = pa.py_buffer(self._words.offsets), pa.py_buffer(self._words.data)
        return pa.LargeStringArray.from_buffers(self.n, offsets, data).slice(start, stop - start)

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        """Read all vectors, some megabytes at a time.

        Yields
        ------
        tuple[int, Floats]
            Row of the first vector, and vectors of shape ``(m, dim)``.

        Raises
        ------
        StorageError
            If they cannot be read.
        """
        n_rows = rows_of_block(self.dim)
        try:
            with self._matrix.open("rb", buffering=0) as file:
                for first in range(0, self.n, n_rows):
                    block = np.empty((min(n_rows, self.n - first), self.dim), dtype="<f4")
                    self._fill(file, block)
                    yield first, block
        except OSError as error:
            raise self._unreadable(error) from error

    @staticmethod
    def _fill(file: FileIO, target: NDArray[Any]) -> None:
        if file.readinto(target.data) < target.nbytes:
            raise OSError(errno.EIO, "it ends too early")

    def _unreadable(self, error: OSError) -> StorageError:
        problem = f"{self._matrix} cannot be read: {error.strerror or error}."
        return StorageError(problem, remedy="Open the vectors again.")


def _mapped(path: Path, kind: str) -> Any:  # noqa: ANN401  of the kind asked for
    # As a plain array: compiled code knows no subclass.
    return np.memmap(path, dtype=kind, mode="r").view(np.ndarray)
