"""What each word of a document adds to a score, from what each of its n-grams adds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from newsdesk.models.rows import Rows
from newsdesk.models.tfidf.reading import Place, TokenIds
from newsdesk.models.tfidf.vocabulary import Vocabulary
from newsdesk.types import Floats, Span

__all__ = ["contributions"]


def contributions(
    places: Sequence[Place],
    tokens: TokenIds,
    vocabulary: Vocabulary,
    row: Rows,
    share: Floats,
) -> list[Span]:
    """Divide what n-grams add among the words of the text.

    The share of an n-gram is divided equally among its occurrences, and that of an occurrence
    equally among its words.

    Parameters
    ----------
    places : Sequence[Place]
        The document's words.
    tokens : TokenIds
        The same as numbers.
    vocabulary : Vocabulary
        The model's.
    row : Rows
        The document as one row.
    share : Floats
        What each entry of the row adds to the score, shape ``(nnz,)``.

    Returns
    -------
    list[Span]
        The words in reading order; those that add nothing are left out.
    """
    parts = []
    times = np.zeros(len(row.indices), dtype=np.int64)
    for found in vocabulary.occurrences(tokens):
        feature = vocabulary.feature_of[found.node]
        known = feature >= 0
        entry = row.indices.searchsorted(feature[known])
        times += np.bincount(entry, minlength=len(times))
        parts.append((found.n_tokens, found.first[known], entry))
    gained = np.zeros(len(places))
    each = share.astype(np.float64) / np.maximum(times, 1)
    for n_tokens, first, entry in parts:
        for offset in range(n_tokens):
            np.add.at(gained, first + offset, each[entry] / n_tokens)
    weights: dict[tuple[str, int, int], float] = {}
    for (_, field, start, end), weight in zip(places, gained.tolist(), strict=True):
        # Words of one lemma share their place.
        weights[field, start, end] = weights.get((field, start, end), 0.0) + weight
    return [Span(*place, weight) for place, weight in weights.items() if weight]
