"""Where the words of clean texts stand in the raw ones."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.features.clean import Cleaner
from newsdesk.features.stretches import Stretch, words_of
from newsdesk.types import Documents, Span

__all__ = ["located", "read_words"]


def read_words(raw: Documents, cleaner: Cleaner) -> list[Stretch]:
    """Find the words that a classifier gets to read.

    Parameters
    ----------
    raw : Documents
        One document as it came.
    cleaner : Cleaner
        What cleans it.

    Returns
    -------
    list[Stretch]
        Where the words of the clean text stand in the raw one, in reading order, without overlap:
        nothing of what is cleaned away, and all of what a mask stands for.
    """
    clean = cleaner.apply_all(raw)
    words = words_of(clean)
    if clean is raw:
        return words
    (spans,) = located(raw, [[Span(*word, 0.0) for word in words]], cleaner)
    found: list[Stretch] = []
    for field, start, end, _ in spans:
        if found and found[-1].field == field and start < found[-1].end:
            start, end = found[-1].start, max(end, found.pop().end)
        found.append(Stretch(field, start, end))
    return found


def located(raw: Documents, spans: Sequence[Sequence[Span]], cleaner: Cleaner) -> list[list[Span]]:
    """Move spans from clean texts to the raw ones.

    Parameters
    ----------
    raw : Documents
        n documents as they came.
    spans : Sequence[Sequence[Span]]
        For each document its spans, none of them empty, in the offsets of its clean text.
    cleaner : Cleaner
        What cleaned the documents.

    Returns
    -------
    list[list[Span]]
        The same spans in the offsets of the raw texts. What stands for a stretch, as a mask does,
        covers all of it.
    """
    return [_moved(raw, row, own, cleaner) for row, own in enumerate(spans)]


def _moved(raw: Documents, row: int, spans: Sequence[Span], cleaner: Cleaner) -> list[Span]:
    places = {
        field: cleaner.align(raw.fields[field][row].as_py())[1]
        for field in {span.field for span in spans}
    }
    moved = []
    for span in spans:
        starts, ends = places[span.field]
        moved.append(span._replace(start=starts[span.start], end=ends[span.end - 1]))
    return moved
