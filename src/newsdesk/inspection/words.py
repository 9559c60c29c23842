"""Which words tell classes apart, give them away, or are shared by two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.evaluation.intervals import wilson
from newsdesk.inspection.vocabulary import Vocabulary
from newsdesk.types import Bools, Indices

__all__ = ["CandidatePair", "SoleWord", "characteristic", "giveaways", "pairs"]

Values = NDArray[np.float64]

LEAST_SHARE = 0.95
"""A giveaway stands in one class at least as often as this."""
LEAST_ROWS = 20
"""A giveaway stands in at least so many texts."""
LEAST_ODDS = 10.0
"""A giveaway raises the odds of its class at least by this factor, at the lower 95 % limit."""
_RARE = 3
"""Words of fewer texts say nothing of how two classes relate, and are most of the vocabulary."""
_BLOCK = 4096


def characteristic(vocabulary: Vocabulary, n_classes: int, most: int) -> list[Indices]:
    """Rank the words of each class by how much more it uses them than the other classes do.

    The log-odds ratio with an informative Dirichlet prior in units of its standard deviation:
    Monroe, Colaresi & Quinn 2008, "Fightin' Words", equations 16, 18, 20 and 22, with the counts of
    the whole corpus as prior.

    Parameters
    ----------
    vocabulary : Vocabulary
        Counted words.
    n_classes : int
        Number of classes, at least 2 for anything to be characteristic.
    most : int
        Words per class.

    Returns
    -------
    list[Indices]
        Positions of words, the most characteristic first, for each class.
    """
    prior = vocabulary.totals(vocabulary.times).astype(np.float64)[vocabulary.word]
    own = vocabulary.times.astype(np.float64)
    class_size = np.bincount(vocabulary.label, weights=own, minlength=n_classes)
    total = class_size.sum()
    size = class_size[vocabulary.label]
    held, others = own + prior, prior - own + prior
    with np.errstate(divide="ignore", invalid="ignore"):  # a class of one single word
        ratio = np.log(held / (size + total - held)) - np.log(
            others / (total - size + total - others)
        )
    score = ratio / np.sqrt(1 / held + 1 / others)
    kept = np.flatnonzero(score > 0)
    order = kept[np.lexsort((-score[kept], vocabulary.label[kept]))]
    borders = np.searchsorted(vocabulary.label[order], np.arange(n_classes + 1))
    return [
        vocabulary.word[order[start : min(start + most, stop)]]
        for start, stop in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)
    ]


class SoleWord(NamedTuple):
    """A word that gives a class away."""

    word: int
    """Position in the vocabulary."""
    label: int
    """Class index."""
    n_rows: int
    """Texts that hold it."""
    n_own: int
    """Of these, texts of the class."""


def giveaways(vocabulary: Vocabulary, class_rows: Indices) -> list[SoleWord]:
    """Find words that alone predict a class: signatures, boilerplate, names of columns.

    A word counts when at least 95 % of at least 20 texts with it are of one class, and when the
    lower 95 % limit of that share raises the odds of the class tenfold: where nearly all rows are
    of one class, most words stand in it without giving anything away.

    Parameters
    ----------
    vocabulary : Vocabulary
        Counted words.
    class_rows : Indices
        Rows of each class, shape ``(n_classes,)``.

    Returns
    -------
    list[SoleWord]
        Those that cover the largest share of their class first.
    """
    n_rows = vocabulary.totals(vocabulary.rows)[vocabulary.word]
    likely = np.flatnonzero((n_rows >= LEAST_ROWS) & (vocabulary.rows >= LEAST_SHARE * n_rows))
    total = int(class_rows.sum())
    found = []
    for entry in likely.tolist():
        label = int(vocabulary.label[entry])
        n, own = int(n_rows[entry]), int(vocabulary.rows[entry])
        low, _ = wilson(own, n)
        base = int(class_rows[label])
        # odds(low) >= 10 * odds(base), without dividing by what may be 0
        if low * (total - base) >= LEAST_ODDS * base * (1 - low):
            found.append(SoleWord(int(vocabulary.word[entry]), label, n, own))
    return sorted(found, key=lambda item: (-item.n_own / class_rows[item.label], item.word))


@dataclass(frozen=True)
class CandidatePair:
    """Two classes that use similar words.

    Parameters
    ----------
    first : int
        Class index.
    second : int
        Class index, larger than `first`.
    similarity : float
        Cosine of what sets the two apart from the whole corpus, in (0, 1].
    cosine : float
        Cosine of the two themselves, in [0, 1].
    shared : Indices
        Words that bring them together, the strongest first.
    """

    first: int
    second: int
    similarity: float
    cosine: float
    shared: Indices


def pairs(
    vocabulary: Vocabulary, class_rows: Indices, shown: Bools, most: int, n_shared: int
) -> list[CandidatePair]:
    """Find the classes that share most of their vocabulary.

    A class is the mean of the tf-idf vectors of its texts, with binary tf and
    ``idf = ln(n / df)``: its centroid (Manning, Raghavan & Schütze 2008, "Introduction to
    Information Retrieval", section 14.2). What all news share would make all centroids alike; so
    the centroid of the whole corpus is taken away before cosines are compared.

    Parameters
    ----------
    vocabulary : Vocabulary
        Counted words.
    class_rows : Indices
        Rows of each class, shape ``(n_classes,)``.
    shown : Bools
        Classes that are compared, shape ``(n_classes,)``; those of a few texts have no vocabulary
        to speak of.
    most : int
        How many pairs.
    n_shared : int
        Words per pair.

    Returns
    -------
    list[CandidatePair]
        The most similar pairs, as far as they have anything in common beyond what all classes
        share; two classes alone never have.
    """
    classes = np.flatnonzero(shown)
    k = len(classes)
    if k < 2:
        return []
    place = np.full(len(class_rows), -1)
    place[classes] = np.arange(k)
    centroids = _Centroids(vocabulary, class_rows, place, k)
    plain, centred = np.zeros((k, k)), np.zeros((k, k))
    for block, mean in centroids.blocks():
        plain += block.T @ block
        block -= mean[:, None]
        centred += block.T @ block
    cosine, similarity = _normalised(plain), _normalised(centred)
    first, second = np.triu_indices(k, 1)
    order = np.argsort(-similarity[first, second], kind="stable")[:most]
    order = order[similarity[first[order], second[order]] > 0]
    return [
        CandidatePair(
            int(classes[a]),
            int(classes[b]),
            float(similarity[a, b]),
            float(cosine[a, b]),
            centroids.shared(a, b, n_shared),
        )
        for a, b in zip(first[order].tolist(), second[order].tolist(), strict=True)
    ]


def _normalised(products: Values) -> Values:
    lengths = np.sqrt(np.maximum(products.diagonal(), np.finfo(np.float64).tiny))
    found: Values = np.clip(products / lengths[:, None] / lengths, -1.0, 1.0)
    return found


class _Centroids:
    """Class centroids, a block of words at a time: dense, they might not fit into memory."""

    def __init__(self, vocabulary: Vocabulary, class_rows: Indices, place: Indices, k: int) -> None:
        n_rows = vocabulary.totals(vocabulary.rows)
        total = int(class_rows.sum())
        kept = np.flatnonzero(n_rows >= _RARE)
        idf = np.log(total / n_rows[kept])
        self.words = kept
        self.mean = n_rows[kept] / total * idf
        position = np.full(len(n_rows), -1)
        position[kept] = np.arange(len(kept))
        entries = np.flatnonzero((position[vocabulary.word] >= 0) & (place[vocabulary.label] >= 0))
        self.row = position[vocabulary.word[entries]]
        label = vocabulary.label[entries]
        self.column = place[label]
        self.value = vocabulary.rows[entries] / class_rows[label] * idf[self.row]
        self.k = k

    def blocks(self) -> Iterator[tuple[Values, Values]]:
        """Centroids of all classes and of the corpus, for some words at a time."""
        for start in range(0, len(self.words), _BLOCK):
            size = min(_BLOCK, len(self.words) - start)
            first, last = np.searchsorted(self.row, [start, start + size])
            dense = np.zeros((size, self.k))
            dense[self.row[first:last] - start, self.column[first:last]] = self.value[first:last]
            yield dense, self.mean[start : start + size]

    def shared(self, a: int, b: int, most: int) -> Indices:
        """Words that both classes use more than the corpus does."""
        product = np.ones(len(self.words))
        for column in (a, b):
            own = self.column == column
            centroid = np.zeros(len(self.words))
            centroid[self.row[own]] = self.value[own]
            product *= np.maximum(centroid - self.mean, 0.0)
        order = np.argsort(-product, kind="stable")[:most]
        return self.words[order[product[order] > 0]]
