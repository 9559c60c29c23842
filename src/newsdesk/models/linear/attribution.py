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

_TOGETHER = 256
_SLOT_BITS = 32


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
    spans: list[list[Span]] = []
    for first in range(0, len(documents), _TOGETHER):
        part = slice(first, min(first + _TOGETHER, len(documents)))
        chunk = documents.slice(part.start, part.stop)
        spans += _together(chunk, hasher, weighting, weights, columns[part], sign[part])
    return spans


def _together(
    documents: Documents,
    hasher: NgramHasher,
    weighting: Weighting,
    weights: Floats,
    columns: Indices,
    sign: Floats,
) -> list[list[Span]]:
    """`contributions` of a few documents: most of the time goes into calls, not into texts."""
    groups = tokenise(documents)
    found = [list(hasher.occurrences(tokens)) for tokens in groups]
    counts = hasher.count_occurrences([part for parts in found for part in parts], len(documents))
    rows = weighting.apply(counts)
    # One entry per distinct feature of a document: its share of the margin per occurrence.
    document = np.arange(len(documents)).repeat(np.diff(counts.indptr))
    known = weighting.features(counts.slots) >= 0
    share = np.zeros(len(counts.slots))
    share[known] = rows.values * weights[rows.indices, columns[document[known]]]
    keys = document << _SLOT_BITS | counts.slots
    places = [
        [keys.searchsorted(part.document << _SLOT_BITS | hasher.slots(part)) for part in parts]
        for parts in found
    ]
    # Counted anew, because counts saturate.
    times = sum(np.bincount(place, minlength=len(share)) for own in places for place in own)
    share = sign[document] * share / times
    spans: list[list[Span]] = [[] for _ in range(len(documents))]
    for tokens, parts, own in zip(groups, found, places, strict=True):
        units = _units(tokens)
        gained = np.zeros(len(units.start))
        for part, place in zip(parts, own, strict=True):
            _spread(share[place], part.start, part.end, units, gained)
        _hand_out(documents, tokens, units, gained, spans)
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


def _hand_out(
    documents: Documents,
    tokens: Tokens,
    units: _Units,
    gained: NDArray[np.float64],
    spans: list[list[Span]],
) -> None:
    """Give each document its words."""
    moved = np.flatnonzero(gained)
    start, end = units.start[moved], units.end[moved]
    rows, _ = tokens.segments.place(start)
    places = raw_places(documents, tokens.segments, start, end)
    for row, place, weight in zip(rows.tolist(), places, gained[moved].tolist(), strict=True):
        spans[row].append(Span(*place, weight))
