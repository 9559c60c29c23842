"""Words and pairs of words that have further numbers where they stand in the first field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import ConfigError
from newsdesk.features.sequences import OOV, Sequences
from newsdesk.types import Bools

__all__ = ["Apart"]


@dataclass(frozen=True, eq=False)
class Apart:
    """Which entries of a vocabulary have a second number, behind those of all entries.

    A word of a headline says more than the same word in the text below it.

    Parameters
    ----------
    ids : NDArray[np.int32]
        Numbers of the entries, rising, shape ``(m,)``.
    n_entries : int
        Numbers of the vocabulary: the first of the second numbers is this.

    Raises
    ------
    ConfigError
        If there is no such entry, or they stand out of order.

    Examples
    --------
    >>> titles = Sequences(np.array([0, 2, 3]), np.array([2, 3, 2], dtype=np.int32))
    >>> apart = Apart.learn(titles, n_entries=5, min_count=2)
    >>> apart.ids.tolist(), apart.of(titles).ids.tolist()
    ([2], [5, 5])
    """

    ids: NDArray[np.int32]
    n_entries: int

    def __post_init__(self) -> None:
        known = (self.ids > OOV) & (self.ids < self.n_entries)
        if not known.all() or not (self.ids[1:] > self.ids[:-1]).all():
            problem = "The entries of the first field are not entries in rising order."
            raise ConfigError(problem, remedy="Train the bundle again, or fetch an intact copy.")

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def learn(cls, sequences: Sequences, *, n_entries: int, min_count: int) -> Apart:
        """Give the entries of first fields second numbers.

        Parameters
        ----------
        sequences : Sequences
            The entries of n first fields.
        n_entries : int
            Numbers of the vocabulary.
        min_count : int
            Occurrences that an entry needs, in first fields.

        Returns
        -------
        Apart
            Of all that occur so often.
        """
        times = np.bincount(sequences.ids, minlength=n_entries)
        times[: OOV + 1] = 0
        return cls((times >= max(min_count, 1)).nonzero()[0].astype(np.int32), n_entries)

    def of(self, sequences: Sequences) -> Sequences:
        """Write the entries of first fields in their second numbers.

        Parameters
        ----------
        sequences : Sequences
            The entries of n first fields.

        Returns
        -------
        Sequences
            n rows, without the entries that have none.
        """
        hit, numbers = self.find(sequences.ids)
        document = np.arange(sequences.n).repeat(sequences.lengths)[hit]
        indptr = np.zeros(sequences.n + 1, dtype=np.int64)
        np.cumsum(np.bincount(document, minlength=sequences.n), out=indptr[1:])
        return Sequences(indptr, numbers)

    def find(self, ids: NDArray[np.int32]) -> tuple[Bools, NDArray[np.int32]]:
        """Look entries up.

        Parameters
        ----------
        ids : NDArray[np.int32]
            Entries, shape ``(m,)``.

        Returns
        -------
        tuple[Bools, NDArray[np.int32]]
            Which have a second number, and those numbers.
        """
        if not len(self):
            return np.zeros(len(ids), dtype=np.bool_), np.zeros(0, dtype=np.int32)
        place = self.ids.searchsorted(ids)
        place[place == len(self)] = 0
        hit: Bools = self.ids[place] == ids
        return hit, (self.n_entries + place[hit]).astype(np.int32)
