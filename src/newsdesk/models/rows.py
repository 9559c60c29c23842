"""Weighted documents as sparse rows: what linear machines learn from and score."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from newsdesk.features.csr import stack_rows, take_rows
from newsdesk.types import Floats, Indices

__all__ = ["Rows"]

_CHUNK = 8192
_FEW = 64


class Rows(NamedTuple):
    """A sparse float32 matrix in row order."""

    indptr: Indices
    """Shape ``(n + 1,)``."""
    indices: NDArray[np.int32]
    """Feature numbers, each once in a row, shape ``(nnz,)``."""
    values: Floats
    """Weights, shape ``(nnz,)``."""

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.indptr) - 1

    def matrix(self, n_features: int) -> csr_matrix:
        """The rows as SciPy and scikit-learn take them.

        Parameters
        ----------
        n_features : int
            Width.

        Returns
        -------
        csr_matrix
            Shape ``(n, n_features)``, float32.
        """
        return csr_matrix((self.values, self.indices, self.indptr), shape=(self.n, n_features))

    def times(self, weights: Floats) -> Floats:
        """Product with dense weights, each row summed in the order of its entries.

        Parameters
        ----------
        weights : Floats
            Shape ``(n_features, n_columns)``, C-contiguous.

        Returns
        -------
        Floats
            Shape ``(n, n_columns)``; a row depends on no other row.
        """
        if self.n <= _FEW:
            # Most of the time of few rows would go into checking a new matrix: fill a known one.
            matrix = copy(_empty(self.n, len(weights)))
            matrix.data, matrix.indices = self.values, self.indices
            matrix.indptr = self.indptr.astype(np.int32)
        else:
            matrix = self.matrix(len(weights))
        product: Floats = matrix @ weights
        return product

    def beside(self, vectors: Floats, first: int) -> Rows:
        """Put dense numbers behind the entries of each row.

        Parameters
        ----------
        vectors : Floats
            Shape ``(n, width)``.
        first : int
            Feature number of their first column; no entry has it or a higher one.

        Returns
        -------
        Rows
            n rows.

        Examples
        --------
        >>> row = Rows(np.array([0, 1]), np.array([3], np.int32), np.ones(1, np.float32))
        >>> row.beside(np.array([[5.0, 6.0]], dtype=np.float32), 10).indices.tolist()
        [3, 10, 11]
        """
        n, width = vectors.shape
        indptr = self.indptr + width * np.arange(n + 1)
        own = np.arange(len(self.indices)) + (width * np.arange(n)).repeat(np.diff(self.indptr))
        indices = np.empty(len(self.indices) + n * width, dtype=np.int32)
        values = np.empty(len(indices), dtype=np.float32)
        indices[own], values[own] = self.indices, self.values
        columns = np.arange(width)
        for at in range(0, n, _CHUNK):  # places take twice the room of what is put there
            places = indptr[at + 1 : at + 1 + _CHUNK, None] - width + columns
            indices[places] = first + columns
            values[places] = vectors[at : at + _CHUNK]
        return Rows(indptr, indices, values)

    def take(self, rows: Indices) -> Rows:
        """Choose some of the rows.

        Parameters
        ----------
        rows : Indices
            Positions, shape ``(m,)``.

        Returns
        -------
        Rows
            m rows in the given order.
        """
        indptr, entries = take_rows(self.indptr, rows)
        return Rows(indptr, self.indices[entries], self.values[entries])

    @classmethod
    def concat(cls, parts: list[Rows]) -> Rows:
        """Put rows below each other.

        Parameters
        ----------
        parts : list[Rows]
            At least one.

        Returns
        -------
        Rows
            All of them.
        """
        return cls(
            stack_rows([part.indptr for part in parts]),
            np.concatenate([part.indices for part in parts]),
            np.concatenate([part.values for part in parts]),
        )


@lru_cache(maxsize=2 * _FEW)
def _empty(n: int, n_features: int) -> csr_matrix:
    return csr_matrix((n, n_features), dtype=np.float32)
