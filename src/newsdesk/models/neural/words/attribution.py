"""What each word of a text adds to a logit, at its place in the raw text."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from newsdesk.models.neural.words.reading import Reader
from newsdesk.types import Documents, Floats, Indices, Span

__all__ = ["attributed"]


def attributed(
    reader: Reader,
    documents: Documents,
    classes: Indices,
    contributions: Callable[[NDArray[np.int32], int], Floats],
) -> list[list[Span]]:
    """Find the words that a network reads, and what each of them adds.

    Parameters
    ----------
    reader : Reader
        How documents become words; with masking, as nothing else than words has a place.
    documents : Documents
        n documents.
    classes : Indices
        The class that is asked for of each, shape ``(n,)``.
    contributions : Callable[[NDArray[np.int32], int], Floats]
        What each of the given words of one document adds to the logit of a class.

    Returns
    -------
    list[list[Span]]
        For each document its words in reading order; those that are cut off are missing.
    """
    found = []
    for position, index in enumerate(classes.tolist()):
        places = reader.vocab.places(documents.slice(position, position + 1))
        first, last = 0, reader.params.max_tokens
        if reader.params.truncate == "pre":
            first, last = max(len(places) - last, 0), len(places)
        read = places[first:last]
        ids = np.array([place.id for place in read], dtype=np.int32)
        share = contributions(ids, index)
        found.append(
            [
                Span(place.field, place.start, place.end, float(weight))
                for place, weight in zip(read, share, strict=True)
            ]
        )
    return found
