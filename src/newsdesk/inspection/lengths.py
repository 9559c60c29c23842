"""How long texts are, in words and characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsdesk.types import Bools, Documents, Indices

__all__ = [
    "KEPT_CHARACTERS",
    "Histogram",
    "Lengths",
    "Quantiles",
    "blank",
    "histogram",
    "measure",
    "quantiles",
    "quantiles_by_class",
]

KEPT_CHARACTERS = 1_000_000
"""What a bundle keeps of a text unless told otherwise: ``Cleaner.max_chars``."""

_SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_N_BINS = 40
_SKEWED = 8
"""From this ratio of the 99.5th percentile to the median on, bins are equal on a log scale."""


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of whole numbers, each of them a number that occurs.

    Parameters
    ----------
    minimum : int
        Smallest.
    p5 : int
        5 of 100 are smaller or equal, and so on.
    q1 : int
        Lower quartile.
    median : int
        Median.
    q3 : int
        Upper quartile.
    p95 : int
        95th percentile.
    p99 : int
        99th percentile.
    maximum : int
        Largest.
    """

    minimum: int
    p5: int
    q1: int
    median: int
    q3: int
    p95: int
    p99: int
    maximum: int


@dataclass(frozen=True)
class Lengths:
    """Lengths of one field, or of all fields together.

    Parameters
    ----------
    field : str
        Name of the field.
    words : Quantiles
        Words, as `newsdesk.inspection.vocabulary` counts them.
    characters : Quantiles
        Code points.
    n_empty : int
        Texts of nothing but white space.
    n_cut : int
        Texts longer than a bundle keeps, see `KEPT_CHARACTERS`.
    """

    field: str
    words: Quantiles
    characters: Quantiles
    n_empty: int
    n_cut: int


@dataclass(frozen=True)
class Histogram:
    """Texts by their number of words.

    Parameters
    ----------
    edges : tuple[int, ...]
        Bin i holds ``edges[i] … edges[i+1] - 1`` words; ascending.
    counts : tuple[int, ...]
        Texts of each bin; one less than `edges`.
    logarithmic : bool
        Whether bins grow with the length, because lengths are skewed.
    n_beyond : int
        Texts above the last edge: at most one of 200.
    """

    edges: tuple[int, ...]
    counts: tuple[int, ...]
    logarithmic: bool
    n_beyond: int


def blank(column: pa.LargeStringArray) -> Bools:
    """Tell which texts hold nothing but white space.

    Parameters
    ----------
    column : pa.LargeStringArray
        n texts.

    Returns
    -------
    Bools
        Shape ``(n,)``.
    """
    found: Bools = pc.equal(pc.utf8_trim_whitespace(column), "").to_numpy(zero_copy_only=False)
    return found


def quantiles(values: Indices) -> Quantiles:
    """Quantiles of some numbers.

    Parameters
    ----------
    values : Indices
        At least one whole number.

    Returns
    -------
    Quantiles
        Each the largest number that at most its share of the others is below.

    Examples
    --------
    >>> quantiles(np.array([3, 1, 2])).median
    2
    """
    (found,) = quantiles_by_class(values, np.zeros(len(values), dtype=np.int64), 1)
    assert found is not None
    return found


def quantiles_by_class(values: Indices, y: Indices, n_classes: int) -> list[Quantiles | None]:
    """Quantiles of each class.

    Parameters
    ----------
    values : Indices
        Whole numbers, shape ``(n,)``.
    y : Indices
        Class indices, shape ``(n,)``.
    n_classes : int
        Number of classes.

    Returns
    -------
    list[Quantiles | None]
        One per class; None for a class without rows.
    """
    ordered = values[np.lexsort((values, y))]
    sizes = np.bincount(y, minlength=n_classes)
    starts = np.cumsum(sizes) - sizes
    found: list[Quantiles | None] = [None] * n_classes
    held = np.flatnonzero(sizes)
    steps = np.floor(np.outer(sizes[held] - 1, _SHARES)).astype(np.int64)
    for index, numbers in zip(
        held.tolist(), ordered[starts[held, None] + steps].tolist(), strict=True
    ):
        found[index] = Quantiles(*numbers)
    return found


def measure(documents: Documents, n_words: Indices) -> tuple[Lengths, ...]:
    """Measure every field.

    Parameters
    ----------
    documents : Documents
        n documents, n at least 1.
    n_words : Indices
        Words of each field of each document, shape ``(n, n_fields)``.

    Returns
    -------
    tuple[Lengths, ...]
        One per field in reading order; with several fields, also one of all together.
    """
    columns = dict(documents.fields)
    by_field = dict(zip(columns, n_words.T, strict=True))
    if len(columns) > 1:
        together = "all fields"
        columns[together], by_field[together] = documents.texts, n_words.sum(axis=1)
    return tuple(_measured(name, columns[name], words) for name, words in by_field.items())


def _measured(name: str, column: pa.LargeStringArray, words: Indices) -> Lengths:
    characters = pc.utf8_length(column).to_numpy()
    return Lengths(
        field=name,
        words=quantiles(words),
        characters=quantiles(characters),
        n_empty=int(blank(column).sum()),
        n_cut=int((characters > KEPT_CHARACTERS).sum()),
    )


def histogram(words: Indices) -> Histogram:
    """Put texts into bins by their length.

    Parameters
    ----------
    words : Indices
        Words of each text, shape ``(n,)``, n at least 1.

    Returns
    -------
    Histogram
        About forty bins that reach to the 99.5th percentile.
    """
    last = int(np.quantile(words, 0.995, method="higher"))
    skewed = last > _SKEWED * max(quantiles(words).median, 1)
    if skewed:
        edges = np.unique(np.geomspace(1, last + 1, _N_BINS).round().astype(np.int64))
        edges = np.concatenate([[0], edges])
    else:
        width = max(-(-(last + 1) // _N_BINS), 1)
        edges = np.arange(0, last + 1 + width, width)
    place = np.searchsorted(edges, words, side="right") - 1
    counts = np.bincount(place, minlength=len(edges))
    return Histogram(
        edges=tuple(edges.tolist()),
        counts=tuple(counts[: len(edges) - 1].tolist()),
        logarithmic=skewed,
        n_beyond=int(counts[len(edges) - 1 :].sum()),
    )
