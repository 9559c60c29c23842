"""The rows that a search may see, dealt to folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from newsdesk.bundle.folds import deal
from newsdesk.data.corpus import Corpus
from newsdesk.data.split import Split, clusters_of
from newsdesk.data.wording import counted, listed
from newsdesk.errors import DataError
from newsdesk.training.leaks import fold_groups
from newsdesk.types import Indices, Progress

__all__ = ["Folds"]


@dataclass(frozen=True, eq=False)
class Folds:
    """Train and valid rows in folds, test rows in none.

    Parameters
    ----------
    rows : Indices
        Train and valid rows of the corpus, ascending; shape ``(n,)``.
    fold : Indices
        Fold of each of them, shape ``(n,)``, from 0.
    everywhere : Indices
        Fold of each row of the corpus, -1 for test rows.
    notes : tuple[str, ...]
        What a reader of the numbers should know.
    """

    rows: Indices
    fold: Indices
    everywhere: Indices
    notes: tuple[str, ...]

    @classmethod
    def draw(
        cls,
        corpus: Corpus,
        split: Split,
        *,
        n_folds: int,
        seed: int,
        near: bool,
        progress: Progress,
    ) -> Folds:
        """Deal the rows class by class; duplicates and groups of the split stay together.

        Parameters
        ----------
        corpus : Corpus
            All rows.
        split : Split
            Which of them are test.
        n_folds : int
            Number of folds, at least 2.
        seed : int
            Of the draw.
        near : bool
            Whether near-duplicates stay together too, or exact copies alone.
        progress : Progress
            Told of the search for near-duplicates.

        Returns
        -------
        Folds
            The same for all settings.

        Raises
        ------
        DataError
            If there are fewer groups of rows than folds.
        """
        rows = np.sort(np.concatenate([split.train, split.valid]))
        clusters = clusters_of(corpus, near=near, progress=progress)
        groups = fold_groups(corpus, split, clusters)[rows]
        n_groups = len(np.unique(groups))
        if n_groups < n_folds:
            problem = (
                f"{counted(len(rows))} in {counted(n_groups, 'group')} of duplicates cannot be "
                f"dealt to {n_folds} folds."
            )
            raise DataError(problem, remedy="Take fewer folds, or give more rows.")
        y = corpus.y[rows]
        fold = deal(y, groups, n_folds=n_folds, seed=seed)
        everywhere = np.full(len(corpus), -1, dtype=np.int64)
        everywhere[rows] = fold
        return cls(rows, fold, everywhere, _cautions(corpus, y, groups, n_folds))


def _cautions(corpus: Corpus, y: Indices, groups: Indices, n_folds: int) -> tuple[str, ...]:
    _, first = np.unique(groups, return_index=True)
    per_class = np.bincount(y[first], minlength=len(corpus.labels))
    present = np.bincount(y, minlength=len(corpus.labels)) > 0
    rare = [corpus.labels[index] for index in np.flatnonzero(present & (per_class < n_folds))]
    if not rare:
        return ()
    return (
        f"{counted(len(rare), 'class')} with fewer distinct texts than folds ({listed(rare)}): "
        "some folds cannot measure them",
    )
