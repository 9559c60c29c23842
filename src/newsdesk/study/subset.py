"""A fixed number of rows of each class."""

from __future__ import annotations

import numpy as np

from newsdesk.data.corpus import Corpus
from newsdesk.data.wording import counted, listed
from newsdesk.errors import DataError

__all__ = ["equal_rows"]


def equal_rows(corpus: Corpus, n: int, seed: int) -> Corpus:
    """Draw as many rows of each class.

    Parameters
    ----------
    corpus : Corpus
        The rows.
    n : int
        Rows of each class, at least 1.
    seed : int
        Of the draw.

    Returns
    -------
    Corpus
        The rows drawn, in the order of the corpus.

    Raises
    ------
    DataError
        If a class has fewer rows.
    """
    counts = corpus.class_counts
    few = [
        f"{label} ({count:,})"
        for label, count in zip(corpus.labels, counts.tolist(), strict=True)
        if count < n
    ]
    if few:
        problem = f"{counted(n)} of each class are asked for; {listed(few)} has fewer."
        remedy = "Ask for fewer rows (--rows-per-class), or leave classes out (--classes)."
        raise DataError(problem, remedy=remedy)
    rng = np.random.default_rng(seed)
    drawn = [
        rng.choice(np.flatnonzero(corpus.y == index), n, replace=False)
        for index in range(len(corpus.labels))
    ]
    chosen = corpus.take(np.sort(np.concatenate(drawn)))
    line = f"{counted(n)} of each class drawn with seed {seed}: {counted(len(chosen))}"
    return chosen.with_changes(steps=(*corpus.steps, line))
