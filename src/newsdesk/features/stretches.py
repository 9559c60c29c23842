"""A raw text cut into stretches, words or passages of several, and left without some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from newsdesk.features.alignment import raw_places
from newsdesk.features.tokens import Tokens, tokenise
from newsdesk.types import Documents, Indices

__all__ = ["Stretch", "leave_out", "passages", "runs", "without", "words_of"]

_SPACE = 0x20
_JOINER = "\u200d"
_SKINS = tuple(map(chr, range(0x1F3FB, 0x1F400)))
_FLAG = frozenset(range(0x1F1E6, 0x1F200))
_SENTENCE_END = re.compile(r"[.!?…؟।]\S*\s|[。！？\n]")


class Stretch(NamedTuple):
    """Some characters of one field."""

    field: str
    """Field name."""
    start: int
    """First character, in code points of the raw text."""
    end: int
    """One past the last character; above `start`."""


def words_of(document: Documents) -> list[Stretch]:
    """Find the words of a document in its raw text.

    Words are those of `newsdesk.features.tokens.tokenise`, and letters and digits that stand alone.
    What is one character to a reader stays whole: a letter with its marks, a family of emoji.

    Parameters
    ----------
    document : Documents
        One document.

    Returns
    -------
    list[Stretch]
        In reading order, without overlap. Punctuation belongs to none.
    """
    (tokens,) = tokenise(document)
    start, end = _borders(tokens)
    texts = {name: column[0].as_py() for name, column in document.fields.items()}
    found: list[Stretch] = []
    for field, first, last in raw_places(document, tokens.segments, start, end):
        while texts[field][last : last + 1] in _SKINS:
            last += 1
        word = Stretch(field, first, last)
        if found and _is_one(texts[word.field], found[-1], word):
            word = Stretch(word.field, found[-1].start, max(word.end, found.pop().end))
        found.append(word)
    return found


def _borders(tokens: Tokens) -> tuple[Indices, Indices]:
    """First character of all tokens, and of what stands between them, and one past the last."""
    change = np.zeros(len(tokens.codes) + 1, dtype=np.int8)
    change[tokens.start] += 1
    np.subtract.at(change, tokens.end, 1)
    alone = (tokens.codes != _SPACE) & (change[:-1].cumsum() == 0)
    edges = np.flatnonzero(np.diff(alone, prepend=False, append=False))
    start = np.concatenate([tokens.start, edges[::2]])
    end = np.concatenate([tokens.end, edges[1::2]])
    order = start.argsort(kind="stable")
    return start[order], end[order]


def _is_one(text: str, left: Stretch, right: Stretch) -> bool:
    """Tell whether two stretches share a character, or are parts of one emoji."""
    if left.field != right.field or right.start > left.end:
        return False
    if right.start < left.end or text[left.end - 1] == _JOINER:
        return True
    return left.end == left.start + 1 and {ord(text[left.start]), ord(text[right.start])} <= _FLAG


def passages(document: Documents, words: Sequence[Stretch], most: int) -> list[tuple[int, int]]:
    """Put words together into sentences, or several short ones into one passage.

    Parameters
    ----------
    document : Documents
        One document.
    words : Sequence[Stretch]
        Its words.
    most : int
        How many passages there may be; at least the number of fields that hold a word.

    Returns
    -------
    list[tuple[int, int]]
        First word and one past the last of each, in reading order; no word is left out and no
        passage reaches over a field. A sentence of more than `most` words is cut.
    """
    texts = {name: column[0].as_py() for name, column in document.fields.items()}
    sentences: list[tuple[int, int]] = []
    first = 0
    for place, (word, after) in enumerate(zip(words, (*words, None)[1:], strict=True), 1):
        if (
            after is None
            or word.field != after.field
            or _SENTENCE_END.search(texts[word.field], word.end, after.start)
        ):
            sentences += runs(first, place, -(-(place - first) // most))
            first = place
    if len(sentences) <= most:
        return sentences
    return _joined(sentences, words, most)


def _joined(
    sentences: list[tuple[int, int]], words: Sequence[Stretch], most: int
) -> list[tuple[int, int]]:
    """Join neighbours until at most so many are left, of about as many words each."""
    # Each field may end with a passage that is not full.
    full = max(most - len({word.field for word in words}), 1)
    found: list[tuple[int, int]] = []
    group = (-1, "")
    for first, last in sentences:
        own = ((first + last) * full // (2 * len(words)), words[first].field)
        if own == group:
            found[-1] = found[-1][0], last
        else:
            found.append((first, last))
        group = own
    return found


def runs(first: int, last: int, n: int) -> list[tuple[int, int]]:
    """Cut a range into parts that differ by one at most.

    Parameters
    ----------
    first : int
        Where it begins.
    last : int
        One past its end.
    n : int
        How many parts; at least 1.

    Returns
    -------
    list[tuple[int, int]]
        First and one past the last of each; never empty ones.

    Examples
    --------
    >>> runs(2, 9, 3)
    [(2, 4), (4, 6), (6, 9)]
    """
    borders = [first + (last - first) * part // n for part in range(n + 1)]
    return [(start, end) for start, end in pairwise(borders) if end > start]


def without(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """Leave stretches of a text out.

    Neither do the words on both sides grow together, nor do two spaces stand where one was.

    Parameters
    ----------
    text : str
        The text.
    stretches : Iterable[tuple[int, int]]
        First and one past the last character of each, in any order, without overlap.

    Returns
    -------
    str
        What is left.

    Examples
    --------
    >>> without("Rates rise again", [(6, 10)]), without("大阪は", [(1, 2)])
    ('Rates again', '大 は')
    """
    for start, end in sorted(stretches, reverse=True):
        before, after = text[:start], text[end:]
        if not before or before[-1].isspace():
            after = after[1:] if after[:1].isspace() else after
        elif after and not after[0].isspace():
            before += " "
        text = before + after
    return text


def leave_out(
    documents: Documents, rows: Indices, stretches: Sequence[Sequence[Stretch]]
) -> Documents:
    """Make variants of documents, each without some stretches.

    Parameters
    ----------
    documents : Documents
        n raw documents.
    rows : Indices
        Which of them each variant is of, shape ``(m,)``.
    stretches : Sequence[Sequence[Stretch]]
        What is left out of each, m of them; see `without`.

    Returns
    -------
    Documents
        m variants.
    """
    variants = documents.take(rows)
    columns = {name: column.to_pylist() for name, column in variants.fields.items()}
    for row, own in enumerate(stretches):
        for field in {stretch.field for stretch in own}:
            places = [(stretch.start, stretch.end) for stretch in own if stretch.field == field]
            columns[field][row] = without(columns[field][row], places)
    fields = {name: pa.array(column, pa.large_string()) for name, column in columns.items()}
    return replace(variants, fields=fields)
