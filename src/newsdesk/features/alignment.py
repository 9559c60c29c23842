"""Where each character of a changed text came from, so that explanations point at raw text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from newsdesk.features.tokens import Segments, normal_form
from newsdesk.types import Documents, Indices

__all__ = [
    "Alignment",
    "Edit",
    "align",
    "chain",
    "changed_pieces",
    "follow",
    "raw_places",
    "replace",
]

Alignment = tuple[list[int], list[int]]
"""For each character of the changed text the first raw character that it came from, and one past
the last: both ascend, and no character came from nothing."""


class Edit(NamedTuple):
    """A stretch of a text and what is written in its place."""

    start: int
    """First character."""
    end: int
    """One past the last character; above `start`, for nothing is written where nothing stood."""
    text: str
    """What stands there afterwards; may be empty."""


def replace(text: str, edits: Iterable[Edit]) -> str:
    """Carry out edits.

    Parameters
    ----------
    text : str
        Any text.
    edits : Iterable[Edit]
        In reading order, not overlapping.

    Returns
    -------
    str
        The changed text.

    Examples
    --------
    >>> replace("up 5 % now", [Edit(3, 6, "xxpercent")])
    'up xxpercent now'
    """
    parts, position = [], 0
    for edit in edits:
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]]) if parts else text


def follow(text: str, edits: Iterable[Edit]) -> Alignment:
    """Map the characters of the changed text back to the text.

    Parameters
    ----------
    text : str
        Any text.
    edits : Iterable[Edit]
        As for `replace`.

    Returns
    -------
    Alignment
        What was written in place of a stretch came from all of it, what was left from itself.

    Examples
    --------
    >>> follow("a&amp;b", [Edit(1, 6, "&")])
    ([0, 1, 6], [1, 6, 7])
    """
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for edit in edits:
        starts += range(position, edit.start)
        ends += range(position + 1, edit.start + 1)
        starts += [edit.start] * len(edit.text)
        ends += [edit.end] * len(edit.text)
        position = edit.end
    starts += range(position, len(text))
    ends += range(position + 1, len(text) + 1)
    return starts, ends


def chain(first: Alignment, second: Alignment) -> Alignment:
    """Put two changes one behind the other.

    Parameters
    ----------
    first : Alignment
        Of the raw text's change.
    second : Alignment
        Of the change of what came out.

    Returns
    -------
    Alignment
        From the last text to the raw one.
    """
    starts, ends = first
    return [starts[start] for start in second[0]], [ends[end - 1] for end in second[1]]


def align(text: str) -> Alignment:
    """Map the characters of ``normal_form(text)`` back to the text.

    Parameters
    ----------
    text : str
        Raw text.

    Returns
    -------
    Alignment
        Of the normal form.

    Examples
    --------
    >>> align("Maß")
    ([0, 1, 2, 2], [1, 2, 3, 3])
    """
    return follow(text, [] if text.isascii() else changed_pieces(text, normal_form))


def raw_places(
    documents: Documents, segments: Segments, start: Indices, end: Indices
) -> list[tuple[str, int, int]]:
    """Find stretches of tokenised documents in their raw texts.

    Parameters
    ----------
    documents : Documents
        The documents that were tokenised.
    segments : Segments
        Where the fields of some of them lie among the normalised characters.
    start : Indices
        First character of each stretch, shape ``(m,)``.
    end : Indices
        One past its last character; no stretch reaches over a field.

    Returns
    -------
    list[tuple[str, int, int]]
        Field, first character and one past the last of each, in code points of the raw text.
    """
    columns = list(documents.fields.items())
    rows = segments.rows.tolist()
    segment = segments.bounds.searchsorted(start, side="right") - 1
    bases = segments.bounds[segment]
    found = []
    current, name, places = -1, "", None
    for number, first, last in zip(
        segment.tolist(), (start - bases).tolist(), (end - bases).tolist(), strict=True
    ):
        if number != current:
            current = number
            name, column = columns[number % segments.n_fields]
            text = column[rows[number // segments.n_fields]].as_py()
            places = None if text.isascii() else align(text)
        if places is None:
            found.append((name, first, last))
        else:
            found.append((name, places[0][first], places[1][last - 1]))
    return found


def changed_pieces(text: str, transform: Callable[[str], str]) -> Iterator[Edit]:
    """Find the small pieces of a text that a transformation changes.

    Parameters
    ----------
    text : str
        Any text.
    transform : Callable[[str], str]
        A composition or folding of characters, which never reaches over white space.

    Yields
    ------
    Edit
        In reading order; together they make the transformed text.
    """
    for run in re.finditer(r"\S+|\s+", text):
        for first, last in _clusters(run.group(), transform):
            piece = run.group()[first:last]
            changed = transform(piece)
            if changed != piece:
                yield Edit(run.start() + first, run.start() + last, changed)


def _clusters(run: str, transform: Callable[[str], str]) -> list[tuple[int, int]]:
    """Cut a run so that the pieces' transformations, put together, are the run's."""
    whole = transform(run)
    if whole == run:
        return []
    borders = [0]
    borders += [at for at in range(1, len(run)) if not unicodedata.combining(run[at])]
    pieces = list(zip(borders, [*borders[1:], len(run)], strict=True))
    # Some pairs without a combining class compose all the same (Hangul syllables from letters):
    # then the run is one piece.
    if "".join(transform(run[a:b]) for a, b in pieces) == whole:
        return pieces
    return [(0, len(run))]
