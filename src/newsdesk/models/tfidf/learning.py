"""Which n-grams become features: those that scikit-learn's TfidfVectorizer would choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.models.tfidf.params import TextParams
from newsdesk.models.tfidf.reading import TokenIds
from newsdesk.models.tfidf.vocabulary import Vocabulary, extensible
from newsdesk.types import Indices

__all__ = ["learn"]


class _Level(NamedTuple):
    """The n-grams of one length that are in enough documents."""

    key: Indices
    """See `Vocabulary`; empty for single tokens."""
    df: Indices
    """Documents that hold each."""
    total: Indices
    """Occurrences of each."""


def learn(tokens: TokenIds, words: Sequence[str], params: TextParams) -> Vocabulary:
    """Choose the features.

    Parameters
    ----------
    tokens : TokenIds
        Training documents, every token with a number.
    words : Sequence[str]
        Word of each token number.
    params : TextParams
        Which n-grams become features.

    Returns
    -------
    Vocabulary
        Without features where no n-gram is frequent enough and not too frequent.
    """
    shortest, longest = params.ngram_range
    least = max(_documents(params.min_df, tokens.n), 1.0)
    most = _documents(params.max_df, tokens.n)
    df = _frequencies(tokens.ids, tokens.document, len(words))
    # An n-gram is in no more documents than each of its parts: what is too rare is no node.
    chosen = np.flatnonzero(df >= least)
    chosen = chosen[np.argsort(-df[chosen], kind="stable")]
    number = np.full(len(words), -1, dtype=np.int64)
    number[chosen] = np.arange(len(chosen))
    ids = number[tokens.ids]
    total = np.bincount(ids[ids >= 0], minlength=len(chosen))
    levels = [_Level(np.zeros(0, dtype=np.int64), df[chosen], total)]
    levels += _longer(ids, tokens.document, len(chosen), longest, least)
    df = np.concatenate([level.df for level in levels])
    first = sum(len(level.df) for level in levels[: shortest - 1])
    nodes = first + np.flatnonzero(df[first:] <= most)
    found = Vocabulary(
        words=[words[token] for token in chosen.tolist()],
        keys=np.concatenate([level.key for level in levels]),
        feature_of=np.full(len(df), -1, dtype=np.int32),
        idf=np.zeros(0),
        longest=longest,
        sublinear=params.sublinear_tf,
    )
    if params.max_features is not None:
        total = np.concatenate([level.total for level in levels])
        nodes = _most_frequent(found, nodes, total[nodes], params.max_features)
    nodes = nodes[np.argsort(-df[nodes], kind="stable")]
    found.feature_of[nodes] = np.arange(len(nodes), dtype=np.int32)
    return replace(found, idf=np.log((1 + tokens.n) / (1 + df[nodes])) + 1)


def _longer(
    ids: Indices, document: Indices, n_tokens: int, longest: int, least: float
) -> Iterator[_Level]:
    """N-grams of two tokens and more, one length after the other."""
    parent, n_nodes = ids, n_tokens
    for length in range(2, longest + 1):
        at = extensible(parent, ids, document, length)
        key, which = np.unique(parent[at] * n_tokens + ids[at + length - 1], return_inverse=True)
        df = _frequencies(which, document[at], len(key))
        often = df >= least
        yield _Level(key[often], df[often], np.bincount(which, minlength=len(key))[often])
        number = np.where(often, n_nodes + often.cumsum() - 1, -1)
        parent = np.full(len(ids), -1, dtype=np.int64)
        parent[at] = number[which]
        n_nodes += int(often.sum())


def _documents(limit: int | float, n: int) -> float:
    """A share is of the documents, a number is itself."""
    return float(limit) if isinstance(limit, int) else limit * n


def _frequencies(which: NDArray[np.integer], document: Indices, n: int) -> Indices:
    """In how many documents each of n things occurs."""
    pairs = document * n + which
    pairs.sort()  # many times faster than numpy.unique
    new = np.ones(len(pairs), dtype=np.bool_)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
    found: Indices = np.bincount(pairs[new] % max(n, 1), minlength=n)
    return found


def _most_frequent(vocabulary: Vocabulary, nodes: Indices, total: Indices, n: int) -> Indices:
    """Choose as scikit-learn does, ties included: by an unstable sort of the names in order."""
    if n >= len(nodes):
        return nodes
    names = vocabulary.spelled(nodes)
    order = np.array(sorted(range(len(names)), key=names.__getitem__))
    best = (-total[order].astype(np.float64)).argsort()[:n]
    chosen: Indices = np.sort(nodes[order[best]])
    return chosen
