"""What comes out of the door: calibrated probabilities with their class names and ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from newsdesk.types import Bools, Floats, Indices, LabelSet

__all__ = ["Predictions", "Ranking"]


class Ranking(NamedTuple):
    """All classes of each document, best first."""

    order: Indices
    """Class indices, shape ``(n, k)``; equal probabilities stand in the order of the label set."""
    proba: Floats
    """Their probabilities, shape ``(n, k)``."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """Calibrated probabilities with their class names and ids.

    Parameters
    ----------
    proba : Floats
        Float32, shape ``(n, k)``. With one label per document the rows sum to 1; nothing else
        here relies on that, so that several labels per document can come later.
    label_set : LabelSet
        The k class names, in column order.
    ids : pa.LargeStringArray
        Shape ``(n,)``.
    low_evidence : Bools
        Shape ``(n,)``; true where nothing in the document was known to the classifier, so that
        the answer is the class frequencies of the training rows.
    ranking : Ranking | None
        Where it is kept, from `ranked`.
    """

    proba: Floats
    label_set: LabelSet
    ids: pa.LargeStringArray
    low_evidence: Bools
    ranking: Ranking | None = None

    def __len__(self) -> int:
        return len(self.proba)

    def top_k(self, k: int) -> tuple[Indices, Floats]:
        """The k likeliest classes of each document, best first.

        Parameters
        ----------
        k : int
            At least 1; more than there are classes gives all classes.

        Returns
        -------
        tuple[Indices, Floats]
            Class indices and probabilities, each of shape ``(n, min(k, n_classes))``. Equal
            probabilities stand in the order of the label set.
        """
        order, proba = self.ranking or self._ranked()
        return order[:, :k], proba[:, :k]

    def ranked(self) -> Predictions:
        """The same, with its ranking kept: for many small parts that each ask for it."""
        return replace(self, ranking=self._ranked())

    def part(self, rows: slice, ids: pa.LargeStringArray) -> Predictions:
        """Some of the rows, under ids of their own.

        Parameters
        ----------
        rows : slice
            m rows.
        ids : pa.LargeStringArray
            Shape ``(m,)``.

        Returns
        -------
        Predictions
            m rows, views of these; ranked if these are.
        """
        kept = self.ranking and Ranking(self.ranking.order[rows], self.ranking.proba[rows])
        return Predictions(self.proba[rows], self.label_set, ids, self.low_evidence[rows], kept)

    def _ranked(self) -> Ranking:
        order = np.argsort(-self.proba, axis=1, kind="stable")
        return Ranking(order, self.proba[np.arange(len(order))[:, None], order])

    @property
    def y(self) -> Indices:
        """Likeliest class index of each document, shape ``(n,)``."""
        best: Indices = self.proba.argmax(axis=1)
        return best

    @property
    def labels(self) -> list[str]:
        """Likeliest class name of each document."""
        return self.label_set.decode(self.y)

    def abstain(self, below: float) -> Bools:
        """Mark documents whose likeliest class is not likely enough.

        Parameters
        ----------
        below : float
            Probability in [0, 1].

        Returns
        -------
        Bools
            Shape ``(n,)``; true where the answer should be "not sure".
        """
        if below <= 0:
            return self.low_evidence
        best = self.ranking.proba[:, 0] if self.ranking else self.proba.max(axis=1)
        unsure: Bools = (best < below) | self.low_evidence
        return unsure

    def to_table(self, k: int = 3, truth: Sequence[str | None] | None = None) -> pa.Table:
        """Lay the predictions out as a table.

        Parameters
        ----------
        k : int
            How many of the likeliest classes; with fewer classes there are fewer columns.
        truth : Sequence[str | None] | None
            The n true labels, where they are known.

        Returns
        -------
        pa.Table
            ``id``, ``label`` (if known), ``predicted``, ``label_1 … label_k``,
            ``proba_1 … proba_k``.
        """
        order, proba = self.top_k(k)
        names = pa.array(self.label_set.names, type=pa.large_string())
        best = [names.take(pa.array(column)) for column in order.T]
        columns: dict[str, pa.Array] = {"id": self.ids}
        if truth is not None:
            columns["label"] = pa.array(truth, type=pa.large_string())
        columns["predicted"] = best[0]
        columns |= {f"label_{rank}": column for rank, column in enumerate(best, start=1)}
        columns |= {f"proba_{rank}": pa.array(row) for rank, row in enumerate(proba.T, start=1)}
        return pa.table(columns)
