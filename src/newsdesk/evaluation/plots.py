"""Where the marks of the report's charts stand; the templates draw them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from newsdesk.evaluation.calibration import Reliability
from newsdesk.evaluation.intervals import wilson
from newsdesk.evaluation.metrics import Metrics

__all__ = ["Cell", "Dot", "HeatMap", "dots", "heat_map"]

MOST_CLASSES = 60
"""Rows and columns that a heat map can hold and stay readable."""
FEW_CLASSES = 12
"""Up to here the cells are large and every one carries its number."""


@dataclass(frozen=True)
class Cell:
    """One cell of the heat map that holds a row.

    Parameters
    ----------
    row : int
        Position of the true class in the map.
    column : int
        Position of the predicted class in the map.
    n : int
        Rows.
    share : float
        Their share of the true class, in (0, 1].
    opacity : float
        Ink in (0, 1]: the square root of the share, so that small shares can be seen.
    """

    row: int
    column: int
    n: int
    share: float
    opacity: float


@dataclass(frozen=True)
class HeatMap:
    """The confusion matrix, each row divided by its sum.

    Parameters
    ----------
    labels : tuple[str, ...]
        Classes shown, in the order of rows and columns.
    support : tuple[int, ...]
        Rows of each class shown.
    cells : tuple[Cell, ...]
        Cells that hold a row.
    size : int
        Edge of a cell in pixels.
    margin : int
        Room for the names, in pixels.
    n_hidden : int
        Classes left out: those with the fewest errors.
    least : float
        Smallest share that is written into its cell.
    """

    labels: tuple[str, ...]
    support: tuple[int, ...]
    cells: tuple[Cell, ...]
    size: int
    margin: int
    n_hidden: int
    least: float


def heat_map(metrics: Metrics) -> HeatMap:
    """Lay out the confusion matrix.

    Parameters
    ----------
    metrics : Metrics
        The metrics.

    Returns
    -------
    HeatMap
        At most 60 classes: those with the most errors.
    """
    counts = np.array(metrics.confusion, dtype=np.int64)
    errors = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    shown = np.sort(np.argsort(-errors, kind="stable")[:MOST_CLASSES])
    support = counts.sum(axis=1)[shown]
    part = counts[np.ix_(shown, shown)]
    cells = []
    for row, column in np.argwhere(part > 0).tolist():
        n = int(part[row, column])
        share = n / int(support[row])
        cells.append(Cell(row, column, n, share, round(share**0.5, 3)))
    labels = tuple(metrics.per_class[index].label for index in shown.tolist())
    few = len(shown) <= FEW_CLASSES
    longest = min(max(map(len, labels)), 24)
    return HeatMap(
        labels=labels,
        support=tuple(support.tolist()),
        cells=tuple(cells),
        size=56 if few else 22,
        margin=max(28 + round(longest * (9.4 if few else 7.4)), 128),
        n_hidden=len(counts) - len(shown),
        least=0.0 if few else 0.02,
    )


@dataclass(frozen=True)
class Dot:
    """One bin of the reliability curve; all but the last two in percent.

    Parameters
    ----------
    left : float
        Lower edge of the bin.
    confidence : float
        Mean stated probability.
    accuracy : float
        Share of right answers.
    low : float
        Lower 95 % limit of ``accuracy``.
    high : float
        Upper 95 % limit of ``accuracy``.
    n : int
        Texts in the bin.
    fullness : float
        Texts in the bin over those in the fullest bin.
    """

    left: float
    confidence: float
    accuracy: float
    low: float
    high: float
    n: int
    fullness: float


def dots(curve: Reliability) -> list[Dot]:
    """Lay out the reliability curve.

    Parameters
    ----------
    curve : Reliability
        The curve.

    Returns
    -------
    list[Dot]
        One per bin that holds a text.
    """
    most = int(curve.n.max())
    columns = (curve.low, curve.confidence, curve.accuracy, curve.n)
    found = []
    for left, confidence, accuracy, n in zip(*(c.tolist() for c in columns), strict=True):
        low, high = wilson(accuracy * n, n)
        found.append(
            Dot(
                left=100 * left,
                confidence=100 * confidence,
                accuracy=100 * accuracy,
                low=100 * low,
                high=100 * high,
                n=n,
                fullness=n / most,
            )
        )
    return found
