"""Counts to weighted rows: which hash slots become features, and how much each occurrence says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.ngrams import Counts
from newsdesk.models.rows import Rows
from newsdesk.types import Floats, Indices

__all__ = ["Weighting"]

_CHUNK = 8192


@dataclass(frozen=True, eq=False)
class Weighting:
    """Features and their inverse document frequencies, learnt from training counts.

    A feature's weight in a document is ``(1 + ln tf) * (ln((1 + n) / (1 + df)) + 1)``:
    TfidfVectorizer's ``sublinear_tf`` and ``smooth_idf`` (scikit-learn user guide, "Tf-idf term
    weighting"). Each block of a row is scaled to its own L2 norm, so that many character n-grams
    do not drown few words; then the row gets L2 norm 1.

    Parameters
    ----------
    slots : NDArray[np.int32]
        Hash slot of each feature, the commonest first, shape ``(n_features,)``. Common features
        side by side keep the hot part of the weights in the cache.
    idf : Floats
        Shape ``(n_features,)``.
    bits : int
        There are ``2**bits`` slots per block.
    block_weights : tuple[float, ...]
        Norm of each block before the row is scaled to 1.
    """

    slots: NDArray[np.int32]
    idf: Floats
    bits: int
    block_weights: tuple[float, ...]

    @classmethod
    def fit(
        cls, counts: Counts, *, bits: int, min_df: int, block_weights: tuple[float, ...]
    ) -> Weighting:
        """Keep the slots that occur in at least ``min_df`` documents.

        Parameters
        ----------
        counts : Counts
            Training counts.
        bits : int
            There are ``2**bits`` slots per block.
        min_df : int
            At least 1.
        block_weights : tuple[float, ...]
            Norm of each block before the row is scaled to 1.

        Returns
        -------
        Weighting
            Features in the order of falling document frequency, equal ones by slot.
        """
        df = np.bincount(counts.slots, minlength=len(block_weights) << bits)
        kept = np.flatnonzero(df >= min_df)
        kept = kept[np.argsort(-df[kept], kind="stable")]
        idf = np.log((1 + counts.n) / (1 + df[kept])) + 1
        return cls(kept.astype(np.int32), idf.astype(np.float32), bits, block_weights)

    @cached_property
    def _feature_of(self) -> NDArray[np.int32]:
        table = np.full(len(self.block_weights) << self.bits, -1, dtype=np.int32)
        table[self.slots] = np.arange(len(self.slots), dtype=np.int32)
        return table

    @cached_property
    def _log_tf(self) -> Floats:
        # A table, so that a count gives the same bits wherever it stands in an array.
        table = np.ones(1 << 16, dtype=np.float32)
        table[1:] += np.log(np.arange(1, 1 << 16)).astype(np.float32)
        return table

    def features(self, slots: NDArray[np.int32]) -> NDArray[np.int32]:
        """Look up the features of hash slots.

        Parameters
        ----------
        slots : NDArray[np.int32]
            Any shape.

        Returns
        -------
        NDArray[np.int32]
            Feature numbers, -1 for slots that are none.
        """
        return self._feature_of[slots]

    def apply(self, counts: Counts, *, n_threads: int = 1) -> Rows:
        """Weigh the n-grams of each document; slots that are no feature are left out.

        Parameters
        ----------
        counts : Counts
            Counts of n documents.
        n_threads : int
            The result does not depend on it.

        Returns
        -------
        Rows
            n rows of L2 norm 1, or empty.
        """
        if counts.n <= _CHUNK:
            return self._apply(counts, 0, counts.n)
        edges = np.append(np.arange(0, counts.n, _CHUNK), counts.n)
        chunks = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))

        def n_known(chunk: tuple[int, int]) -> int:
            slots = counts.slots[counts.indptr[chunk[0]] : counts.indptr[chunk[1]]]
            return int(np.count_nonzero(self.features(slots) >= 0))

        # Two passes, so that the rows are never in memory twice.
        with ThreadPoolExecutor(n_threads) as pool:
            places = np.concatenate([[0], np.cumsum(list(pool.map(n_known, chunks)))])
            rows = Rows(
                np.zeros(counts.n + 1, dtype=np.int64),
                np.empty(places[-1], dtype=np.int32),
                np.empty(places[-1], dtype=np.float32),
            )

            def fill(chunk: tuple[int, int], begin: int, end: int) -> None:
                part = self._apply(counts, *chunk)
                rows.indptr[chunk[0] + 1 : chunk[1] + 1] = begin + part.indptr[1:]
                rows.indices[begin:end] = part.indices
                rows.values[begin:end] = part.values

            list(pool.map(fill, chunks, places[:-1].tolist(), places[1:].tolist()))
        return rows

    def _apply(self, counts: Counts, first: int, last: int) -> Rows:
        begin, end = counts.indptr[first], counts.indptr[last]
        slots = counts.slots[begin:end]
        indices = self.features(slots)
        known = (indices >= 0).nonzero()[0]
        indices = indices[known]
        values = self._log_tf[counts.counts[begin:end][known]]
        values *= self.idf[indices]
        indptr = known.searchsorted(counts.indptr[first : last + 1] - begin)
        if len(values):
            values *= self._scale(values * values, slots[known] >> self.bits, indptr)
        return Rows(indptr, indices, values)

    def _scale(self, squares: Floats, block: NDArray[np.int32], indptr: Indices) -> Floats:
        """Factor of each entry that gives every block its weight and every row norm 1."""
        # Slots ascend within a row, so the entries of a block of a row stand together.
        new = np.zeros(len(squares) + 1, dtype=np.bool_)
        new[indptr] = True
        new[1:-1] |= block[1:] != block[:-1]
        borders = new.nonzero()[0]
        run = borders[:-1]
        weights = self._block_weights[block[run]]
        squared: NDArray[np.float64] = weights * weights
        if len(indptr) == 2:
            whole = squared.cumsum()[-1:]  # adds in the order of bincount
        else:
            row = indptr.searchsorted(run, side="right") - 1
            whole = np.bincount(row, weights=squared)[row]
        factor = weights / np.sqrt(whole * np.add.reduceat(squares, run))
        scale: Floats = factor.astype(np.float32).repeat(borders[1:] - run)
        return scale

    @cached_property
    def _block_weights(self) -> NDArray[np.float64]:
        return np.asarray(self.block_weights, dtype=np.float64)
