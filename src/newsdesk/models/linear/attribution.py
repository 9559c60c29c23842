"""Exact contributions of words to a margin: the weights are additive, so nothing is estimated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.features.alignment import raw_places
from newsdesk.features.ngrams import NgramHasher
from newsdesk.features.tokens import Tokens, tokenise
from newsdesk.models.hashed.weighting import Weighting
from newsdesk.types import Documents, Floats, Indices, Span

__all__ = ["contributions"]


class _Units(NamedTuple):
    """Stretches of text that receive weight, in reading order."""

    start: Indices
    end: Indices


def contributions(
    documents: Documents,
    hasher: NgramHasher,
    weighting: Weighting,
    weights: Floats,
    columns: Indices,
    sign: Floats,
) -> list[list[Span]]:
    """What each word adds to the margin of one class.

    The contribution of an n-gram is divided equally among its occurrences, and that of an
    occurrence equally among its words; one of characters goes to the word around it. With the bias
    the contributions add up to the margin.

    Parameters
    ----------
    documents : Documents
        n documents.
    hasher : NgramHasher
        The model's.
    weighting : Weighting
        The model's.
    weights : Floats
        Shape ``(n_features, n_columns)``.
    columns : Indices
        Column to explain for each document, shape ``(n,)``.
    sign : Floats
        -1 where the column's negative is explained, else 1; shape ``(n,)``.

    Returns
    -------
    list[list[Span]]
        For each document its words in reading order; words without weight are left out.
    """
    spans = []
    for position in range(len(documents)):
        document = documents.slice(position, position + 1)
        counts = hasher.count(document)
        rows = weighting.apply(counts)
        # One entry per distinct feature: its share of the margin per single occurrence.
        features = weighting.features(counts.slots)
        known = features >= 0
        share = np.zeros(len(counts.slots))
        share[known] = rows.values * weights[rows.indices, columns[position]]
        (tokens,) = tokenise(document)
        parts = list(hasher.occurrences(tokens))
        places = [np.searchsorted(counts.slots, hasher.slots(part)) for part in parts]
        # Counted anew, because counts saturate.
        times = sum(np.bincount(place, minlength=len(share)) for place in places)
        share = sign[position] * share / times
        units = _units(tokens)
        gained = np.zeros(len(units.start))
        for part, place in zip(parts, places, strict=True):
            _spread(share[place], part.start, part.end, units, gained)
        spans.append(_spans(document, tokens, units, gained))
    return spans


def _units(tokens: Tokens) -> _Units:
    """The tokens, and the one-letter words that only character n-grams see."""
    inside = tokens.codes != 0x20
    borders = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    start, end = borders[::2], borders[1::2]
    first, last = np.searchsorted(tokens.start, start), np.searchsorted(tokens.start, end)
    alone = first == last
    starts = np.concatenate([tokens.start, start[alone]])
    ends = np.concatenate([tokens.end, end[alone]])
    order = np.argsort(starts, kind="stable")
    return _Units(starts[order], ends[order])


def _spread(
    share: NDArray[np.float64],
    start: Indices,
    end: Indices,
    units: _Units,
    gained: NDArray[np.float64],
) -> None:
    first = np.searchsorted(units.end, start, side="right")
    last = np.maximum(np.searchsorted(units.start, end, side="left"), first + 1)
    for offset in range(int((last - first).max(initial=0))):
        touched = first + offset < last
        at = (first + offset)[touched]
        np.add.at(gained, at, (share / (last - first))[touched])


def _spans(
    document: Documents, tokens: Tokens, units: _Units, gained: NDArray[np.float64]
) -> list[Span]:
    moved = np.flatnonzero(gained)
    places = raw_places(document, tokens.segments, units.start[moved], units.end[moved])
    return [
        Span(*place, weight) for place, weight in zip(places, gained[moved].tolist(), strict=True)
    ]
