"""The words of texts as they are written: in their own case, with punctuation as words of its own.

So a model reads that goes by the characters of words. Which characters make words says the table of
`newsdesk.features.scripts`, so words end where those of the other tokeniser do; but nothing is
folded or left out, and what belongs together in print stays together, as in the Penn Treebank
(Marcus, Santorini & Marcinkiewicz 1993) and the One Billion Word Benchmark (Chelba et al. 2013),
which published models were trained on.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np

from newsdesk.features.scripts import MARK, SINGLE, WORD, character_classes
from newsdesk.features.sequences import Sequences
from newsdesk.features.tokens import composed
from newsdesk.types import Bools, Documents, Progress, Silent

__all__ = ["LEADING", "Surface", "read_surface", "surface_words"]

_CHUNK = 2048
LEADING = ("", "")
"""The words of the numbers `PAD` and `OOV`: what stands for filling, and in a text of no word."""

# White space, control characters, and characters that only steer how others are shown.
_INVISIBLE = (
    r"\x00-\x20\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
)
# "doesn't" is "does" and "n't", "it's" is "it" and "'s": the Penn Treebank's rule.
_CLITIC = re.compile(r"(.+?)(n['’]t|['’](?:s|m|d|re|ve|ll))", re.IGNORECASE)


class Surface(NamedTuple):
    """The words of n documents."""

    words: tuple[str, ...]
    """Two empty strings, and the distinct words in the order in which they first occur."""
    sequences: Sequences
    """Number of each word; none is `PAD` or `OOV`."""

    @property
    def blank(self) -> Bools:
        """Documents without a letter or a digit, shape ``(n,)``."""
        tells = np.array([_lettered().search(word) is not None for word in self.words])
        n_telling = np.zeros(len(self.sequences.ids) + 1, dtype=np.int64)
        np.cumsum(tells[self.sequences.ids], out=n_telling[1:])
        indptr = self.sequences.indptr
        blank: Bools = n_telling[indptr[1:]] == n_telling[indptr[:-1]]
        return blank


def surface_words(text: str) -> list[str]:
    """Part a text into its words.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list[str]
        In reading order, composed (NFC).

    Examples
    --------
    >>> surface_words("The U.S. doesn't pay $1,000.50 for up-to-date 大阪...")
    ['The', 'U.S.', 'does', "n't", 'pay', '$', '1,000.50', 'for', 'up-to-date', '大', '阪', '...']
    """
    found: list[str] = []
    for word in _pattern().findall(composed(text)):
        found += _parted(word)
    return found


def read_surface(documents: Documents, progress: Progress | None = None) -> Surface:
    """Read the words of documents, one field behind the other.

    Parameters
    ----------
    documents : Documents
        n documents.
    progress : Progress | None
        Told of documents.

    Returns
    -------
    Surface
        The words.
    """
    numbers: dict[str, int] = {}
    parts: dict[str, tuple[int, ...]] = {}
    ids: list[int] = []
    ends = [0]
    find = _pattern().findall
    with (progress or Silent()).task("words", len(documents), "documents") as done:
        for at in range(0, len(documents), _CHUNK):
            chunk = documents.texts[at : at + _CHUNK].to_pylist()
            for text in chunk:
                for token in find(composed(text)):
                    own = parts.get(token)
                    if own is None:
                        own = tuple(
                            numbers.setdefault(word, len(numbers) + len(LEADING))
                            for word in _parted(token)
                        )
                        parts[token] = own
                    ids += own
                ends.append(len(ids))
            done(len(chunk))
    sequences = Sequences(np.array(ends, dtype=np.int64), np.array(ids, dtype=np.int32))
    return Surface((*LEADING, *numbers), sequences)


def _parted(token: str) -> tuple[str, ...]:
    if "'" not in token and "’" not in token:
        return (token,)
    clitic = _CLITIC.fullmatch(token)
    return (token,) if clitic is None else clitic.groups()


@cache
def _pattern() -> re.Pattern[str]:
    word, mark, single = (_range(kind) for kind in (WORD, MARK, SINGLE))
    more = f"[{word}{mark}]+"
    joint = rf"(?:(?<=[0-9])[.,](?=[0-9])|['’\-](?=[{word}]))"
    return re.compile(
        r"(?:[A-Za-z]\.){2,}"  # an abbreviation
        rf"|[{word}](?:{more})?(?:{joint}{more})*"
        rf"|[{single}][{mark}]*"
        r"|\.+|-+"  # an ellipsis, a dash
        rf"|[^{word}{mark}{single}{_INVISIBLE}]"
    )


@cache
def _lettered() -> re.Pattern[str]:
    return re.compile(f"[{_range(WORD)}{_range(SINGLE)}]")


def _range(kind: int) -> str:
    """Write the characters of a class as a regular expression has them between brackets."""
    inside = np.zeros(0x110002, dtype=np.int8)
    inside[1:-1] = character_classes() == kind
    edges = np.diff(inside)
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    pairs = zip(first.tolist(), last.tolist(), strict=True)
    return "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in pairs)
