"""Which texts are compared with each other: a few partners for each, drawn and never enumerated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from newsdesk.types import Indices

__all__ = ["Pairs", "choose", "draw"]


class Pairs(NamedTuple):
    """Pairs of texts; none stands there twice, in either order."""

    texts: Indices
    """Their numbers, shape ``(n_pairs, 2)``."""
    same: Indices
    """1 where both are of one class, else 0; shape ``(n_pairs,)``."""

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.same)

    @property
    def n_same(self) -> int:
        """Pairs of one class."""
        return int(self.same.sum())


def choose(y: Indices, n_most: int, rng: np.random.Generator) -> Indices:
    """Draw texts, as evenly over the classes as they are there.

    Parameters
    ----------
    y : Indices
        Class indices, shape ``(n,)``.
    n_most : int
        Texts at the most.
    rng : np.random.Generator
        Source of the draw.

    Returns
    -------
    Indices
        Rows in ascending order, shape ``(min(n, n_most),)``.

    Examples
    --------
    >>> y = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    >>> y[choose(y, 4, np.random.default_rng(0))].tolist()
    [0, 0, 1, 1]
    """
    if len(y) <= n_most:
        return np.arange(len(y))
    order = rng.permutation(len(y))
    grouped = order[np.argsort(y[order], kind="stable")]
    begin, _ = _groups(y[grouped])
    # First one text of each class, then the second of each, and so on.
    rounds = np.argsort(np.arange(len(y)) - begin, kind="stable")
    return np.sort(grouped[rounds[:n_most]])


def draw(y: Indices, n_per_text: int, rng: np.random.Generator) -> Pairs:
    """Draw partners of each text: some of its own class, as many of other classes.

    The texts of a class stand in a circle in random order, and each is paired with those that
    stand a few drawn distances on: pairs are distinct, and all texts have about as many. Partners
    of other classes are spread over these.

    Parameters
    ----------
    y : Indices
        Class indices, shape ``(n,)``.
    n_per_text : int
        Partners that a text draws of its own class at the most, and of all others together.
    rng : np.random.Generator
        Source of every draw.

    Returns
    -------
    Pairs
        Twice ``n * n_per_text`` pairs at the most; a class of one text gives none of its own kind.
    """
    order = rng.permutation(len(y))
    grouped = order[np.argsort(y[order], kind="stable")]
    begin, size = _groups(y[grouped])
    alike = _within(begin, size, n_per_text, rng)
    unlike = _between(begin, size, n_per_text, rng)
    texts = grouped[np.concatenate([alike, unlike])]
    same = np.repeat([1, 0], [len(alike), len(unlike)])
    return Pairs(texts, same)


def _groups(y: Indices) -> tuple[Indices, Indices]:
    """Of rows in the order of their classes: where the class of each begins, and its size."""
    _, first, counts = np.unique(y, return_index=True, return_counts=True)
    return first.repeat(counts), counts.repeat(counts)


def _within(begin: Indices, size: Indices, n_per_text: int, rng: np.random.Generator) -> Indices:
    """Places of two texts of one class, shape ``(n_pairs, 2)``."""
    found = [np.zeros((0, 2), dtype=np.int64)]
    for first in np.unique(begin).tolist():
        n = int(size[first])
        # Half of the circle: from there on pairs would come again, in the other order.
        distances = 1 + rng.choice(n // 2, min(n_per_text, n // 2), replace=False)
        for distance in np.sort(distances).tolist():
            at = np.arange(distance if 2 * distance == n else n)
            found.append(first + np.stack([at, (at + distance) % n], axis=1))
    return np.concatenate(found)


def _between(begin: Indices, size: Indices, n_per_text: int, rng: np.random.Generator) -> Indices:
    """Places of two texts of different classes, shape ``(n_pairs, 2)``."""
    n = len(begin)
    n_other = (n - size)[:, None]
    # From the end of its class on, the others make up as many stretches; one of each is drawn.
    part = np.arange(n_per_text)
    n_parts = np.minimum(n_per_text, n_other)
    low, high = (step * n_other // np.maximum(n_parts, 1) for step in (part, part + 1))
    drawn = low + (rng.random((n, n_per_text)) * (high - low)).astype(np.int64)
    partner = ((begin + size)[:, None] + drawn) % n
    text = np.broadcast_to(np.arange(n)[:, None], partner.shape)
    pairs = np.stack([text, partner], axis=2)[part < n_parts]
    _, once = np.unique(pairs.min(axis=1) * n + pairs.max(axis=1), return_index=True)
    return pairs[np.sort(once)]
