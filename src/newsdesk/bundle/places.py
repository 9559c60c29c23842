"""Where the words of clean texts stand in the raw ones."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.features.clean import Cleaner
from newsdesk.types import Documents, Span

__all__ = ["located"]


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
