"""How often each word occurs in documents, counted by hashes and spelt only where it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsdesk.config import n_threads
from newsdesk.features.stop_words import StopWords
from newsdesk.features.tokens import tokenise
from newsdesk.types import Documents, Indices, Progress, Silent

__all__ = ["Chunk", "HashedTokens", "WordCounts", "each_chunk", "hashes_of", "read_tokens"]

U64 = NDArray[np.uint64]
Result = TypeVar("Result")

_CHUNK = 2048


class HashedTokens(NamedTuple):
    """The tokens of some documents in reading order, one field behind the other."""

    document: Indices
    """Document of each token, ascending, shape ``(n_tokens,)``."""
    hashes: U64
    """Hash of each token."""


def read_tokens(documents: Documents, stops: StopWords) -> HashedTokens:
    """Find and hash the tokens of a few thousand documents.

    Parameters
    ----------
    documents : Documents
        n documents.
    stops : StopWords
        Whose phrases are left out; its single words are not.

    Returns
    -------
    HashedTokens
        What is left.
    """
    parts = []
    for tokens in tokenise(documents):
        document, hashes = tokens.document, tokens.hashes
        phrases = stops.in_phrases(tokens)
        if len(phrases):
            kept = np.ones(len(hashes), dtype=np.bool_)
            kept[phrases] = False
            document, hashes = document[kept], hashes[kept]
        parts.append(HashedTokens(document, hashes))
    if len(parts) == 1:
        return parts[0]
    document, hashes = map(np.concatenate, zip(*parts, strict=True))
    # A document belongs to one group alone, and its tokens stand there in reading order.
    order = document.argsort(kind="stable")
    return HashedTokens(document[order], hashes[order])


def hashes_of(words: Sequence[str]) -> tuple[Indices, U64]:
    """Hash words that stand alone.

    Parameters
    ----------
    words : Sequence[str]
        Any strings.

    Returns
    -------
    tuple[Indices, U64]
        Positions, ascending, of the words that are one token from end to end, and their hashes.
    """
    positions, hashes = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
    for at in range(0, len(words), _CHUNK):
        for tokens in tokenise(Documents.from_texts(words[at : at + _CHUNK])):
            bounds, rows, _ = tokens.segments
            own = rows.searchsorted(tokens.document)
            # The last character of a segment is the space behind it.
            whole = (tokens.start == bounds[own]) & (tokens.end == bounds[own + 1] - 1)
            positions.append(at + tokens.document[whole])
            hashes.append(tokens.hashes[whole])
    together = np.concatenate(positions)
    order = together.argsort(kind="stable")
    return together[order], np.concatenate(hashes)[order]


def each_chunk(
    documents: Documents, work: Callable[[Documents], Result], progress: Progress | None = None
) -> Iterator[Result]:
    """Work on documents a few thousand at a time, on all threads.

    Parameters
    ----------
    documents : Documents
        n documents.
    work : Callable[[Documents], Result]
        What to do with a chunk.
    progress : Progress | None
        Told of every chunk.

    Yields
    ------
    Result
        In the order of the documents.
    """
    n = len(documents)
    chunks = [documents.slice(at, min(at + _CHUNK, n)) for at in range(0, n, _CHUNK)]
    with (
        ThreadPoolExecutor(n_threads()) as pool,
        (progress or Silent()).task("words", n, "documents") as done,
    ):
        for chunk, result in zip(chunks, pool.map(work, chunks), strict=True):
            done(len(chunk))
            yield result


class Chunk(NamedTuple):
    """The tokens of some neighbouring documents."""

    documents: Documents
    """The documents, not copied."""
    document: Indices
    """Document of each token, within the chunk."""
    hashes: U64
    """The distinct tokens, ascending."""
    times: Indices
    """Occurrences of each."""
    token: NDArray[np.int32]
    """Position in `hashes` of every token."""

    @property
    def n(self) -> int:
        """Number of documents."""
        return len(self.documents)


class WordCounts:
    """The words of a corpus and how often they occur.

    Parameters
    ----------
    documents : Documents
        n documents.
    stops : StopWords
        Words and phrases that are not counted.
    progress : Progress | None
        Told of every chunk.
    """

    def __init__(
        self, documents: Documents, stops: StopWords, *, progress: Progress | None = None
    ) -> None:
        def count(part: Documents) -> Chunk:
            document, tokens = read_tokens(part, stops)
            hashes, token, times = np.unique(tokens, return_inverse=True, return_counts=True)
            return Chunk(part, document, hashes, times, token.astype(np.int32))

        self.chunks: list[Chunk] = list(each_chunk(documents, count, progress))
        hashes = np.concatenate([np.zeros(0, np.uint64), *(part.hashes for part in self.chunks)])
        times = np.concatenate([np.zeros(0, np.int64), *(part.times for part in self.chunks)])
        self._hashes, self._first, word = np.unique(hashes, return_index=True, return_inverse=True)
        # Whole numbers below 2**53, so that float64 adds them exactly.
        summed = np.bincount(word, weights=times, minlength=len(self._hashes))
        self._times = summed.astype(np.int64)
        self._times[np.isin(self._hashes, stops.words)] = 0

    def most_frequent(self, n: int, *, min_count: int) -> list[str]:
        """Spell the most frequent words.

        Parameters
        ----------
        n : int
            How many at most.
        min_count : int
            Occurrences that a word needs, at least 1.

        Returns
        -------
        list[str]
            By falling frequency, equally frequent ones by code point.
        """
        if n < 1:
            return []
        least = max(min_count, 1)
        if n < len(self._times):
            least = max(least, int(np.partition(self._times, -n)[-n]))
        # Which of the equally frequent ones are chosen is known only when they are spelt.
        chosen = (self._times >= least).nonzero()[0]
        words = self._spelt(chosen)
        # A letter under more than thirty accents may lose some when it is normalised once more.
        stable, hashes = hashes_of(words)
        same = hashes == self._hashes[chosen[stable]]
        times = self._times[chosen].tolist()
        ranked = sorted((-times[at], words[at]) for at in stable[same].tolist())
        return [word for _, word in ranked[:n]]

    def _spelt(self, chosen: Indices) -> list[str]:
        """Letters of words, from the chunk in which each occurs first."""
        ends = np.cumsum([len(chunk.hashes) for chunk in self.chunks])
        home = ends.searchsorted(self._first[chosen], side="right")
        words = [""] * len(chosen)
        for index in np.unique(home).tolist():
            own = (home == index).nonzero()[0]
            wanted = self._hashes[chosen[own]]
            for tokens in tokenise(self.chunks[index].documents):
                place = np.minimum(wanted.searchsorted(tokens.hashes), len(wanted) - 1)
                found = (wanted[place] == tokens.hashes).nonzero()[0]
                which, first = np.unique(place[found], return_index=True)
                text = tokens.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
                start, end = tokens.start[found[first]].tolist(), tokens.end[found[first]].tolist()
                for at, a, b in zip(own[which].tolist(), start, end, strict=True):
                    words[at] = text[a:b]
        return words
