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
        if self.n == 1:
            # Most of the time of one row would go into checking a new matrix: fill a known one.
            matrix = copy(_one_row(len(weights)))
            matrix.data, matrix.indices = self.values, self.indices
            matrix.indptr = self.indptr.astype(np.int32)
        else:
            matrix = self.matrix(len(weights))
        product: Floats = matrix @ weights
        return product

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


@lru_cache(maxsize=16)
def _one_row(n_features: int) -> csr_matrix:
    return csr_matrix((1, n_features), dtype=np.float32)
