"""A text cut into words with weight and what stands between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from newsdesk.types import Span

__all__ = ["Piece", "Share", "in_utf16", "pieces", "shares", "utf16_offsets"]


class Piece(NamedTuple):
    """A stretch of a text."""

    text: str
    """Never empty."""
    weight: float
    """What it adds to the score of the explained class; 0 for what bears no weight."""
    share: float
    """``weight`` over the largest absolute weight of the text, in [-1, 1]."""


class Share(NamedTuple):
    """A word with what all its occurrences add to the score."""

    word: str
    """As it is first written in the text."""
    n: int
    """Occurrences that bear weight."""
    weight: float
    """Sum of their weights."""


def pieces(text: str, spans: Iterable[Span]) -> list[Piece]:
    """Cut a text at the borders of its spans.

    Parameters
    ----------
    text : str
        The text that the offsets of `spans` count in.
    spans : Iterable[Span]
        In any order; empty ones count for nothing. Where two overlap, as the parts of one
        ligature do, they become one piece with the sum of the weights.

    Returns
    -------
    list[Piece]
        In reading order; their texts joined are `text`.

    Examples
    --------
    >>> [tuple(piece) for piece in pieces("Rates rise", [Span("text", 0, 5, 0.5)])]
    [('Rates', 0.5, 1.0), (' rise', 0.0, 0.0)]
    """
    merged: list[tuple[int, int, float]] = []
    filled = (span for span in spans if span.end > span.start)
    for span in sorted(filled, key=lambda span: (span.start, span.end)):
        if merged and span.start < merged[-1][1]:
            start, end, weight = merged[-1]
            merged[-1] = start, max(end, span.end), weight + span.weight
        else:
            merged.append((span.start, span.end, span.weight))
    largest = max((abs(weight) for _, _, weight in merged), default=0.0) or 1.0
    found, position = [], 0
    for start, end, weight in merged:
        if start > position:
            found.append(Piece(text[position:start], 0.0, 0.0))
        found.append(Piece(text[start:end], weight, weight / largest))
        position = end
    if position < len(text):
        found.append(Piece(text[position:], 0.0, 0.0))
    return found


def shares(text: str, spans: Iterable[Span]) -> list[Share]:
    """Sum the weights of each word over its occurrences.

    Parameters
    ----------
    text : str
        The text that the offsets of `spans` count in.
    spans : Iterable[Span]
        Words with their weights.

    Returns
    -------
    list[Share]
        Largest absolute weight first; words that differ only in case are one.
    """
    by_word: dict[str, Share] = {}
    for piece in pieces(text, spans):
        if piece.weight:
            word, n, weight = by_word.get(piece.text.casefold(), Share(piece.text, 0, 0.0))
            by_word[piece.text.casefold()] = Share(word, n + 1, weight + piece.weight)
    return sorted(by_word.values(), key=lambda share: -abs(share.weight))


def utf16_offsets(text: str, offsets: Sequence[int]) -> list[int]:
    """Turn offsets in code points into offsets in UTF-16 code units, as JavaScript counts.

    Parameters
    ----------
    text : str
        The text.
    offsets : Sequence[int]
        Code point offsets in ``[0, len(text)]``, in any order.

    Returns
    -------
    list[int]
        As many offsets, in the same order.

    Examples
    --------
    >>> utf16_offsets("😀 up", [0, 1, 2, 4])
    [0, 2, 3, 5]
    """
    units, position, by_offset = 0, 0, {}
    for offset in sorted(set(offsets)):
        units += sum(1 + (char > "\uffff") for char in text[position:offset])
        position = offset
        by_offset[offset] = units
    return [by_offset[offset] for offset in offsets]


def in_utf16(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Give the ends of spans in UTF-16 code units; see `utf16_offsets`.

    Parameters
    ----------
    text : str
        The text of their field.
    spans : Sequence[Span]
        n spans of it.

    Returns
    -------
    list[tuple[int, int]]
        First unit and one past the last of each.

    Examples
    --------
    >>> in_utf16("😀 up", [Span("text", 2, 4, 0.5)])
    [(3, 5)]
    """
    if text.isascii():  # an offset is the same however it is counted
        return [(span.start, span.end) for span in spans]
    offsets = utf16_offsets(text, [offset for span in spans for offset in (span.start, span.end)])
    return list(zip(offsets[::2], offsets[1::2], strict=True))
