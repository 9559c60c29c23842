"""Where each character of the normal form came from, so that explanations point at raw text."""

from __future__ import annotations

import re
import unicodedata

from newsdesk.features.tokens import normal_form

__all__ = ["align"]

Alignment = tuple[list[int], list[int]]


def align(text: str) -> Alignment:
    """Map the characters of ``normal_form(text)`` back to the text.

    Parameters
    ----------
    text : str
        Raw text.

    Returns
    -------
    Alignment
        For each character of the normal form the first raw character that it came from, and one
        past the last.

    Examples
    --------
    >>> align("Maß")
    ([0, 1, 2, 2], [1, 2, 3, 3])
    """
    if text.isascii():
        return list(range(len(text))), list(range(1, len(text) + 1))
    starts: list[int] = []
    ends: list[int] = []
    # Folding and composition never reach over white space, so runs can be aligned one by one.
    for run in re.finditer(r"\S+|\s+", text):
        for first, last in _clusters(run.group()):
            length = len(normal_form(run.group()[first:last]))
            starts += [run.start() + first] * length
            ends += [run.start() + last] * length
    return starts, ends


def _clusters(run: str) -> list[tuple[int, int]]:
    """Cut a run so that the pieces' normal forms, put together, are the run's."""
    borders = [0]
    borders += [at for at in range(1, len(run)) if not unicodedata.combining(run[at])]
    pieces = list(zip(borders, [*borders[1:], len(run)], strict=True))
    # Some pairs without a combining class compose all the same (Hangul syllables from letters):
    # then the run is one piece.
    if "".join(normal_form(run[a:b]) for a, b in pieces) == normal_form(run):
        return pieces
    return [(0, len(run))]
