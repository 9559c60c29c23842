"""Texts that differ by little: which they are, found in time that grows with their number.

Texts are compared as sets of words and numbers, by their Jaccard similarity: the share of the
words of either text that both have. Two texts are near duplicates when

- their words are the same, whatever the case, the order and the punctuation; or
- their similarity is at least `ALIKE`; or
- the similarity of what is their own is at least the threshold. Their own are the words outside
  the phrases of five words that stand in `MANY` different texts: calls to follow, the headings of
  a column. Where that is less than half of a text, it does not count.

Texts never are near duplicates when each has a number that the other lacks: issues of a series,
prices and results differ in no more than that. Documents without a word are only ever equal.

Why these numbers: one word of n changed leaves a similarity of ``(n - 1) / (n + 1)``, so that
`THRESHOLD` finds it from six words on. Phrases of many documents are no evidence of a common origin
(Broder, Glassman, Manasse & Zweig 1997, "Syntactic clustering of the web", leave out the most
common ones): most pairs of HuffPost rows that are as similar as that are issues of a few columns.
The price is that a short text of which `MANY` different versions exist passes for a column.

Pairs worth a look are found by MinHash and bands (Broder 1997; Leskovec, Rajaraman & Ullman,
"Mining of massive datasets", section 3.4), and each is then checked exactly. A pair just at the
threshold is missed with a probability of `MISSED`, one above it with less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsdesk.config import n_threads
from newsdesk.errors import ConfigError
from newsdesk.features.tokens import mix
from newsdesk.features.words import Words, read_words
from newsdesk.types import Documents, Indices, Progress, Silent

__all__ = [
    "ALIKE",
    "LEAST_THRESHOLD",
    "MANY",
    "MISSED",
    "THRESHOLD",
    "NearPairs",
    "find_clusters",
    "find_exact",
    "find_pairs",
    "warm_up",
]

U64 = NDArray[np.uint64]

THRESHOLD = 0.7
"""Least similarity of what two texts have of their own."""
LEAST_THRESHOLD = 0.3
"""Below, bands would be hundreds."""
ALIKE = 0.95
"""Similarity from which two texts are near duplicates, whatever their phrases."""
MANY = 5
"""Different texts that make a phrase common, up to 200,000 of them; then one in 40,000."""
MISSED = 0.001
"""Probability that a pair at the threshold is not looked at."""
_ROWS_PER_MANY = 40_000
_OWN_SHARE = 0.5
# In a bucket of more sets, which boilerplate makes, each meets its nearest by other MinHash values.
_WINDOW = 32
_MOST_BITS = 26  # of the address of a phrase: half a gigabyte


class NearPairs(NamedTuple):
    """Pairs of near duplicates."""

    rows: Indices
    """Shape ``(m, 2)``, the lesser row first, in ascending order."""
    similarity: NDArray[np.float64]
    """Jaccard similarity, shape ``(m,)``: of all words, or of the texts' own where it is that
    which makes them near duplicates."""


class _Search(NamedTuple):
    """Sets to be searched, and from which similarity on."""

    sets: Words
    threshold: float


def find_clusters(
    documents: Documents, *, threshold: float = THRESHOLD, progress: Progress | None = None
) -> Indices:
    """Find clusters of near duplicates.

    Two documents that are near duplicates share a cluster, and so do all that are linked by such
    pairs. The result depends on the documents alone, not on threads or chance.

    Parameters
    ----------
    documents : Documents
        n documents.
    threshold : float
        Least similarity of what two texts have of their own, from `LEAST_THRESHOLD` to 1.
    progress : Progress | None
        Told of the words read and the bands done.

    Returns
    -------
    Indices
        Shape ``(n,)``; equal numbers are one cluster, from 0 in order of first appearance. Equal
        texts always share one.

    Raises
    ------
    ConfigError
        If the threshold is out of range.

    Examples
    --------
    >>> texts = [
    ...     "Sea lion rescued from Santa Barbara oil spill",
    ...     "Storm closes two airports in the north",
    ...     "Sea lion rescued from Santa Barbara oil spill (VIDEO)",
    ... ]
    >>> find_clusters(Documents.from_texts(texts)).tolist()
    [0, 1, 0]
    """
    from newsdesk.features import minhash

    progress = progress or Silent()
    groups, searches = _prepare(documents, threshold, progress)
    parent = np.arange(int(groups.max(initial=-1)) + 1)
    for search, keys, order in _bands(searches, progress):
        rule = minhash.Rule(search.threshold, _WINDOW)
        minhash.link(keys, order, search.sets, rule, parent)
    while not np.array_equal(parent, parent[parent]):
        parent = parent[parent]
    return _numbered(pa.array(parent[groups]))


def find_pairs(
    documents: Documents, *, threshold: float = THRESHOLD, progress: Progress | None = None
) -> NearPairs:
    """Find pairs of near duplicates, each with its similarity.

    Of documents with the same words, the first stands for all: the others are paired with it, and
    it alone is paired with documents of other words.

    Parameters
    ----------
    documents : Documents
        n documents.
    threshold : float
        Least similarity of what two texts have of their own, from `LEAST_THRESHOLD` to 1.
    progress : Progress | None
        Told of the words read and the bands done.

    Returns
    -------
    NearPairs
        The pairs whose connected components are the clusters of `find_clusters`.

    Raises
    ------
    ConfigError
        If the threshold is out of range.
    """
    from newsdesk.features import minhash

    progress = progress or Silent()
    groups, searches = _prepare(documents, threshold, progress)
    first = _first(groups)
    again = np.setdiff1d(np.arange(len(groups)), first, assume_unique=True)
    rows = [np.stack([first[groups[again]], again], axis=1)]
    similarities = [np.ones(len(again))]
    for search, keys, order in _bands(searches, progress):
        rule = minhash.Rule(search.threshold, _WINDOW)
        room = 0
        while True:
            pairs, similarity = np.empty((room, 2), dtype=np.int64), np.empty(room)
            n = minhash.list_pairs(keys, order, search.sets, rule, pairs, similarity)
            if n == room:
                break
            room = n
        rows.append(first[pairs])
        similarities.append(similarity)
    every = np.concatenate(rows)
    # The first search that found a pair says its similarity.
    _, kept = np.unique(every @ np.array([max(len(groups), 1), 1]), return_index=True)
    return NearPairs(every[kept], np.concatenate(similarities)[kept])


def find_exact(documents: Documents) -> Indices:
    """Find the documents that have exactly the same text in all fields.

    Parameters
    ----------
    documents : Documents
        n documents.

    Returns
    -------
    Indices
        Shape ``(n,)``; equal texts have equal numbers, from 0 in order of first appearance.
    """
    # Arrow's dictionary is a hash table that compares the values, so that texts that differ never
    # share a number. With several fields, the pairs of numbers are numbered in turn.
    first, *others = documents.fields.values()
    clusters = _numbered(first)
    for column in others:
        numbers = _numbered(column)
        n_numbers = int(numbers.max(initial=0)) + 1
        clusters = _numbered(pa.array(clusters * n_numbers + numbers))
    return clusters


def warm_up() -> None:
    """Compile what is compiled, or read it from the disk cache."""
    from newsdesk.features import minhash

    minhash.warm_up()


def _numbered(values: pa.Array) -> Indices:
    numbers: Indices = pc.dictionary_encode(values).indices.to_numpy().astype(np.int64)
    return numbers


def _first(numbers: Indices) -> Indices:
    """Row of first appearance of each number."""
    return np.unique(numbers, return_index=True)[1]


def _prepare(
    documents: Documents, threshold: float, progress: Progress
) -> tuple[Indices, list[_Search]]:
    """Number the sets of words, for each document; and what is to be searched among them."""
    if not LEAST_THRESHOLD <= threshold <= 1:
        problem = (
            f"The similarity {threshold:g} of near duplicates is not from {LEAST_THRESHOLD} to 1."
        )
        raise ConfigError(problem, remedy=f"Name one such as {THRESHOLD}.")
    words = read_words(documents, progress=progress)
    groups = _groups(documents, words)
    rows = _first(groups)
    everything = _sets(words, rows)
    own = _sets(_own_words(words, rows), rows)
    sizes = np.diff(everything.indptr)
    # What is too little is cut off: an empty set resembles nothing.
    enough = np.diff(own.indptr) >= _OWN_SHARE * sizes
    own = _taken(own, enough)
    return groups, [
        _Search(everything, max(threshold, ALIKE)),
        _Search(own, threshold),
    ]


def _groups(documents: Documents, words: Words) -> Indices:
    """Number documents by their sets of words; those without a word by their texts."""
    from newsdesk.features import minhash

    sets = _sets(words, np.arange(len(documents)))
    digests = np.empty(len(documents), dtype=np.uint64)
    minhash.digests(sets, digests)
    empty = np.flatnonzero(np.diff(sets.indptr) == 0)
    if len(empty):
        digests[empty] = mix(find_exact(documents.take(empty)).astype(np.uint64) + np.uint64(1))
    return _numbered(pa.array(digests))


def _sets(words: Words, rows: Indices) -> Words:
    from newsdesk.features import minhash

    ends = np.zeros(len(rows) + 1, dtype=np.int64)
    items = np.empty(int(np.diff(words.indptr)[rows].sum()), dtype=np.uint32)
    n = minhash.make_sets(words, rows, ends, items)
    return Words(ends, items[:n].copy())


def _own_words(words: Words, rows: Indices) -> Words:
    """Words outside the phrases that many of the rows have."""
    from newsdesk.features import minhash

    bits = min((2 * len(words.items)).bit_length() + 1, _MOST_BITS)
    phrases = np.zeros(1 << bits, dtype=np.uint64)
    minhash.count_phrases(words, rows, bits, phrases)
    many = max(MANY, len(rows) // _ROWS_PER_MANY)
    own = Words(words.indptr.copy(), words.items)
    kept = np.empty_like(words.items)
    n = minhash.leave_out(own, bits, phrases, many, kept)
    return Words(own.indptr, kept[:n])


def _taken(sets: Words, kept: NDArray[np.bool_]) -> Words:
    """The sets that are kept; the others empty."""
    sizes = np.diff(sets.indptr)
    indptr = np.zeros_like(sets.indptr)
    np.cumsum(np.where(kept, sizes, 0), out=indptr[1:])
    return Words(indptr, sets.items[np.repeat(kept, sizes)])


def _bands(searches: list[_Search], progress: Progress) -> Iterator[tuple[_Search, U64, Indices]]:
    """Keys of each band in ascending order, and the set of each."""
    from newsdesk.features import minhash

    rng = np.random.default_rng(0)
    tasks = [
        (search, np.flatnonzero(np.diff(search.sets.indptr)), seeds)
        for search in searches
        for seeds in rng.integers(
            1 << 32, size=(_n_bands(search.threshold), minhash.WIDTH), dtype=np.uint32
        )
    ]

    def sort(task: tuple[_Search, Indices, NDArray[np.uint32]]) -> tuple[_Search, U64, Indices]:
        search, rows, seeds = task
        keys = np.empty(len(rows), dtype=np.uint64)
        minhash.band_keys(search.sets, rows, seeds, keys)
        order = np.argsort(keys, kind="stable")
        return search, keys[order], rows[order]

    # No more bands in memory than threads that make them, and the one in use.
    threads = n_threads()
    waiting: list[Future[tuple[_Search, U64, Indices]]] = []
    with (
        ThreadPoolExecutor(threads) as pool,
        progress.task("near duplicates", len(tasks), "bands") as done,
    ):
        for number in range(len(tasks) + threads):
            if number < len(tasks):
                waiting.append(pool.submit(sort, tasks[number]))
            if number >= threads and waiting:
                yield waiting.pop(0).result()
                done(1)


def _n_bands(threshold: float) -> int:
    """Bands by which a pair at the threshold meets in a bucket, but for a share `MISSED`."""
    from newsdesk.features.minhash import ROWS

    meets = min(threshold**ROWS, 1 - MISSED)
    return math.ceil(math.log(MISSED) / math.log1p(-meets))
