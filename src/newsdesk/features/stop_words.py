"""Function words that may be left out of texts: bundled lists, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
from numpy.typing import NDArray

from newsdesk.config import suggest
from newsdesk.errors import ConfigError
from newsdesk.features.tokens import Tokens, inverse_powers, mix, tokenise
from newsdesk.types import Documents, Indices

__all__ = ["StopWords", "languages", "stop_words"]

U64 = NDArray[np.uint64]

_SPACE = 0x20


@cache
def _lists() -> dict[str, frozenset[str]]:
    source = files("newsdesk.features").joinpath("stop_words.json").read_bytes()
    return msgspec.json.decode(source, type=dict[str, frozenset[str]])


def languages() -> tuple[str, ...]:
    """Languages with a bundled list.

    Returns
    -------
    tuple[str, ...]
        ISO 639-1 codes, sorted.

    Examples
    --------
    >>> languages()
    ('de', 'en', 'es', 'fr', 'it', 'nl', 'pt')
    """
    return tuple(sorted(_lists()))


def stop_words(language: str) -> frozenset[str]:
    """Articles, pronouns, prepositions, conjunctions, auxiliary verbs of a language.

    Parameters
    ----------
    language : str
        ISO 639-1 code.

    Returns
    -------
    frozenset[str]
        In lower case.

    Raises
    ------
    ConfigError
        If there is no list for the language.

    Examples
    --------
    >>> sorted(stop_words("en"))[:4]
    ['a', 'about', 'above', 'across']
    """
    found = _lists().get(language)
    if found is None:
        problem = f"There is no list of stop words for language {language!r}."
        raise ConfigError(problem, remedy=suggest(language, languages()))
    return found


@dataclass(frozen=True, eq=False)
class StopWords:
    """A list of stop words as token hashes.

    A stop word of several pieces is a phrase, and is only dropped as a whole: of "won't" the
    tokeniser reads "won", which in "won the cup" stays. In a phrase a space and an apostrophe are
    the same.

    Parameters
    ----------
    words : U64
        Stop words of one token, ascending.
    anchors : U64
        Last token of each phrase, ascending, shape ``(n_phrases,)``.
    hashes : U64
        Each phrase with the space before and behind it.
    offsets : Indices
        Characters of each phrase before its last token.
    lengths : Indices
        Characters of each phrase.
    """

    words: U64
    anchors: U64
    hashes: U64
    offsets: Indices
    lengths: Indices

    @classmethod
    def of(cls, entries: Iterable[str]) -> StopWords:
        """Tokenise a list.

        Parameters
        ----------
        entries : Iterable[str]
            Words and phrases, in any case. What holds no token, such as a single letter, cannot
            occur among the tokens and is passed over.

        Returns
        -------
        StopWords
            The list.
        """
        words: set[int] = set()
        phrases: set[tuple[int, int, int, int]] = set()
        for tokens in tokenise(Documents.from_texts(entries)):
            bounds = tokens.segments.bounds
            first = tokens.start.searchsorted(bounds)
            for entry in (first[1:] > first[:-1]).nonzero()[0].tolist():
                inside = bounds[entry] + np.flatnonzero(
                    tokens.codes[bounds[entry] : bounds[entry + 1]] != _SPACE
                )
                last = int(first[entry + 1]) - 1
                anchor, start = int(tokens.hashes[last]), int(inside[0])
                length = int(inside[-1]) + 1 - start
                if length == tokens.end[last] - tokens.start[last]:
                    words.add(anchor)
                    continue
                whole = _hashes(tokens, np.array([start - 1]), np.array([start + length + 1]))
                phrases.add((anchor, int(whole[0]), int(tokens.start[last]) - start, length))
        columns = np.array(sorted(phrases), dtype=np.uint64).reshape(-1, 4).T
        return cls(
            words=np.array(sorted(words), dtype=np.uint64),
            anchors=columns[0].copy(),
            hashes=columns[1].copy(),
            offsets=columns[2].astype(np.int64),
            lengths=columns[3].astype(np.int64),
        )

    def in_phrases(self, tokens: Tokens) -> Indices:
        """Find the phrases.

        Parameters
        ----------
        tokens : Tokens
            One group of documents.

        Returns
        -------
        Indices
            Positions of the tokens that belong to phrases of the list, in no order.
        """
        first = self.anchors.searchsorted(tokens.hashes)
        n_phrases = self.anchors.searchsorted(tokens.hashes, side="right") - first
        anchored = n_phrases.nonzero()[0]
        if not len(anchored):
            return anchored
        # Every token with every phrase that ends with it.
        n_phrases = n_phrases[anchored]
        at = anchored.repeat(n_phrases)
        phrase = first[at] + np.arange(len(at)) - (n_phrases.cumsum() - n_phrases).repeat(n_phrases)
        start = tokens.start[at] - self.offsets[phrase]
        end = start + self.lengths[phrase]
        inside = (start > 0) & (end < len(tokens.codes))
        at, phrase, start, end = at[inside], phrase[inside], start[inside], end[inside]
        bounds = tokens.segments.bounds
        same = _hashes(tokens, start - 1, end + 1) == self.hashes[phrase]
        same &= bounds.searchsorted(start, side="right") == bounds.searchsorted(end)
        first, last = tokens.start.searchsorted(start[same]), at[same]
        found = [last]
        while (longer := first < last).any():
            first, last = first[longer], last[longer] - 1
            found.append(last)
        return np.concatenate(found)


def _hashes(tokens: Tokens, start: Indices, end: Indices) -> U64:
    inverse = inverse_powers(len(tokens.codes))
    return mix((tokens.prefix[end] - tokens.prefix[start]) * inverse[start])
