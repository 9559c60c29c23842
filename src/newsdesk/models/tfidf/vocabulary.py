"""Which n-grams are features and what they weigh: scikit-learn's TfidfVectorizer on numbers.

N-grams form a tree without strings. Node ``i`` below the number of tokens is that token; the other
nodes are longer n-grams, each the extension of a node by one token, written as one whole number
``node * n_tokens + token``. These keys ascend, so that an n-gram is found by bisection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import BundleFormatError
from newsdesk.features.csr import equal_runs
from newsdesk.models.rows import Rows
from newsdesk.models.tfidf.params import TextParams
from newsdesk.models.tfidf.reading import TokenIds
from newsdesk.types import Indices

__all__ = ["Occurrences", "Vocabulary", "extensible"]

Int64s = NDArray[np.int64]
Doubles = NDArray[np.float64]

_CHUNK = 8192
_MOST_COUNTED = (1 << 16) - 1
_REMEDY = "Train the bundle again, or fetch an intact copy."


class Occurrences(NamedTuple):
    """Every n-gram of one length that is a node, with its place."""

    n_tokens: int
    """Tokens of each."""
    first: Indices
    """Position of each one's first token."""
    node: Indices
    """Node of each."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Features and their inverse document frequencies, learnt from training documents.

    The weight of a feature that occurs t times in a document is
    ``t * (ln((1 + n) / (1 + df)) + 1)``, with ``1 + ln t`` in place of t where `sublinear` is set;
    then the document is scaled to L2 norm 1. Names, features and values are those of scikit-learn's
    TfidfVectorizer (user guide, "Tf-idf term weighting"); the features' order is not: the
    commonest come first, so that the weights that are touched most lie side by side.

    Parameters
    ----------
    words : Sequence[str]
        Tokens, shape ``(n_tokens,)``.
    keys : Int64s
        Longer nodes, ascending.
    feature_of : NDArray[np.int32]
        Feature of each node, -1 for one that is none; shape ``(n_tokens + len(keys),)``.
    idf : Doubles
        Shape ``(n_features,)``.
    longest : int
        Tokens of the longest n-gram.
    sublinear : bool
        Whether counts are weighed by their logarithm.
    """

    SHAPES: ClassVar[dict[str, tuple[type[np.generic], tuple[int | None, ...]]]] = {
        "token_bytes": (np.uint8, (None,)),
        "token_ends": (np.int64, (None,)),
        "keys": (np.int64, (None,)),
        "feature_of": (np.int32, (None,)),
        "idf": (np.float64, (None,)),
    }
    """Type and shape of each array of `tensors`."""

    words: Sequence[str]
    keys: Int64s
    feature_of: NDArray[np.int32]
    idf: Doubles
    longest: int
    sublinear: bool

    @property
    def n_features(self) -> int:
        """Number of features."""
        return len(self.idf)

    @property
    def names(self) -> list[str]:
        """The n-gram of each feature, its words joined by spaces."""
        nodes = np.flatnonzero(self.feature_of >= 0)
        return self.spelled(nodes[np.argsort(self.feature_of[nodes])])

    def spelled(self, nodes: Indices) -> list[str]:
        """Write n-grams out.

        Parameters
        ----------
        nodes : Indices
            Nodes, in any order.

        Returns
        -------
        list[str]
            Their words, joined by spaces.
        """
        names = []
        keys = self.keys.tolist()
        n_tokens = len(self.words)
        for node in nodes.tolist():
            parts = []
            while node >= n_tokens:
                node, token = divmod(keys[node - n_tokens], n_tokens)
                parts.append(self.words[token])
            names.append(" ".join([self.words[node], *reversed(parts)]))
        return names

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Number of each token."""
        return {word: number for number, word in enumerate(self.words)}

    def renumbered(self, tokens: TokenIds, words: Sequence[str]) -> TokenIds:
        """Give tokens that were numbered otherwise the numbers of this vocabulary.

        Parameters
        ----------
        tokens : TokenIds
            Any documents.
        words : Sequence[str]
            Word of each of their token numbers.

        Returns
        -------
        TokenIds
            The same documents; unknown words are -1.
        """
        known = self.numbers
        number = np.array([known.get(word, -1) for word in words], dtype=np.int32)
        return TokenIds(tokens.indptr, number[tokens.ids] if len(number) else tokens.ids)

    def occurrences(self, tokens: TokenIds) -> Iterator[Occurrences]:
        """Every n-gram of the documents that is a node, the shortest first.

        Parameters
        ----------
        tokens : TokenIds
            Any documents, numbered by this vocabulary.

        Yields
        ------
        Occurrences
            All of one length, in reading order.
        """
        ids = tokens.ids.astype(np.int64)
        first = (ids >= 0).nonzero()[0]
        yield Occurrences(1, first, ids[first])
        if not len(self.keys):
            return
        document = tokens.document
        parent = ids
        for length in range(2, self.longest + 1):
            at = extensible(parent, ids, document, length)
            key = parent[at] * len(self.words) + ids[at + length - 1]
            place = self.keys.searchsorted(key)
            place[place == len(self.keys)] = 0
            known = (self.keys[place] == key).nonzero()[0]
            first, node = at[known], len(self.words) + place[known]
            yield Occurrences(length, first, node)
            if length < self.longest:
                parent = np.full(len(ids), -1, dtype=np.int64)
                parent[first] = node

    def rows(self, tokens: TokenIds) -> Rows:
        """Weigh the features of each document.

        Parameters
        ----------
        tokens : TokenIds
            n documents, numbered by this vocabulary.

        Returns
        -------
        Rows
            n rows, the features of each ascending.
        """
        if tokens.n <= _CHUNK:
            return self._rows(tokens)
        edges = range(0, tokens.n, _CHUNK)
        return Rows.concat(
            [self._rows(tokens.slice(at, min(at + _CHUNK, tokens.n))) for at in edges]
        )

    def _rows(self, tokens: TokenIds) -> Rows:
        n_features = self.n_features
        document = tokens.document
        parts = []
        for _, first, node in self.occurrences(tokens):
            feature = self.feature_of[node]
            known = (feature >= 0).nonzero()[0]
            parts.append(document[first[known]] * n_features + feature[known])
        key = np.concatenate(parts)
        if not len(key):
            nothing = np.zeros(0, dtype=np.int32)
            return Rows(np.zeros(tokens.n + 1, np.int64), nothing, nothing.astype(np.float32))
        key.sort()
        borders = equal_runs(key)
        key = key[borders[:-1]]
        row = key // n_features
        feature = key - row * n_features
        values = self._term_frequency[np.minimum(borders[1:] - borders[:-1], _MOST_COUNTED)]
        values = values * self.idf[feature]
        values /= np.sqrt(np.bincount(row, weights=values * values))[row]
        indptr = row.searchsorted(np.arange(tokens.n + 1))
        return Rows(indptr, feature.astype(np.int32), values.astype(np.float32))

    @cached_property
    def _term_frequency(self) -> Doubles:
        # A table, so that a count gives the same bits wherever it stands in an array.
        table = np.arange(_MOST_COUNTED + 1, dtype=np.float64)
        if self.sublinear:
            table[1:] = np.log(table[1:]) + 1
        return table

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What stands in a bundle of the vocabulary.

        Returns
        -------
        dict[str, NDArray[Any]]
            Arrays by name.
        """
        encoded = [word.encode() for word in self.words]
        return {
            "token_bytes": np.frombuffer(b"".join(encoded), dtype=np.uint8),
            "token_ends": np.cumsum([len(word) for word in encoded], dtype=np.int64),
            "keys": self.keys,
            "feature_of": self.feature_of,
            "idf": self.idf,
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, NDArray[Any]], params: TextParams) -> Vocabulary:
        """Read what `tensors` gave, and refuse what it never gives.

        Parameters
        ----------
        tensors : dict[str, NDArray[Any]]
            Arrays by name, of the types of `SHAPES`.
        params : TextParams
            The settings of training.

        Returns
        -------
        Vocabulary
            The same as was saved.

        Raises
        ------
        BundleFormatError
            If the arrays do not fit each other.
        """
        ends, keys, feature_of = tensors["token_ends"], tensors["keys"], tensors["feature_of"]
        words = _strings(tensors["token_bytes"], ends)
        n_tokens, n_nodes = len(ends), len(ends) + len(keys)
        features = np.sort(feature_of[feature_of >= 0])
        fits = (
            len(set(words)) == len(words) == n_tokens
            and len(feature_of) == n_nodes
            and np.array_equal(features, np.arange(len(tensors["idf"])))
            and bool((np.diff(keys) > 0).all())
            and bool((keys >= 0).all())
            # An n-gram extends a node before it.
            and bool((keys < np.arange(n_tokens, n_nodes) * n_tokens).all())
        )
        if not fits:
            problem = "weights.safetensors: the table of n-grams does not fit itself."
            raise BundleFormatError(problem, remedy=_REMEDY)
        longest = params.ngram_range[1]
        return cls(words, keys, feature_of, tensors["idf"], longest, params.sublinear_tf)


def extensible(parent: Indices, ids: Indices, document: Indices, length: int) -> Indices:
    """Find where a node is followed by a known token of the same document.

    Parameters
    ----------
    parent : Indices
        Node that begins at each position, -1 for none.
    ids : Indices
        Token at each position, -1 for an unknown one.
    document : Indices
        Document of each position.
    length : int
        Tokens of the longer n-gram.

    Returns
    -------
    Indices
        Positions of the nodes.
    """
    last = max(len(ids) - length + 1, 0)
    follows = (parent[:last] >= 0) & (ids[length - 1 :][:last] >= 0)
    follows &= document[:last] == document[length - 1 :][:last]
    return follows.nonzero()[0]


def _strings(data: NDArray[np.uint8], ends: Int64s) -> list[str]:
    content, edges = data.tobytes(), [0, *ends.tolist()]
    if edges != sorted(edges) or edges[-1] != len(content):
        problem = "weights.safetensors: the words do not fit their lengths."
        raise BundleFormatError(problem, remedy=_REMEDY)
    try:
        return [content[a:b].decode() for a, b in pairwise(edges)]
    except UnicodeDecodeError as error:
        problem = f"weights.safetensors: a word is no UTF-8: {error}."
        raise BundleFormatError(problem, remedy=_REMEDY) from error
