"""Where the marks of the page's charts stand; the templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, log1p, pi, sin

from newsdesk.inspection.lengths import Histogram, Quantiles
from newsdesk.inspection.record import Class

__all__ = ["Box", "Column", "Slice", "Tick", "boxes", "columns", "slices", "ticks"]

COLOURS = (
    *("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377"),
    *("#cc7733", "#7766bb", "#44aa99", "#999933", "#d9709a", "#5588dd"),
)
"""The first six are Paul Tol's "bright" scheme, which people with colour blindness can tell apart;
the others are between them."""
OTHERS = "#9aa0a6"
WIDTH, HEIGHT = 720, 240
"""Units of the histogram's plane."""
_MOST_TICKS = 8
_FAINTEST = 0.5


@dataclass(frozen=True)
class Slice:
    """One piece of the pie.

    Parameters
    ----------
    label : str
        Class, or how many others.
    n_rows : int
        Its rows.
    share : float
        Of all rows.
    path : str
        Outline for SVG in a circle of radius 100 around the origin; empty for a full circle.
    colour : str
        Fill.
    """

    label: str
    n_rows: int
    share: float
    path: str
    colour: str


def slices(classes: Sequence[Class]) -> list[Slice]:
    """Cut the pie, clockwise from the top.

    Parameters
    ----------
    classes : Sequence[Class]
        The largest first, at least one.

    Returns
    -------
    list[Slice]
        At most twelve classes, and all others in one.
    """
    own = list(classes) if len(classes) <= len(COLOURS) + 1 else list(classes[: len(COLOURS)])
    pieces = [(item.label, item.n_rows) for item in own]
    rest = sum(item.n_rows for item in classes[len(own) :])
    if rest:
        pieces.append((f"{len(classes) - len(own):,} others", rest))
    total = sum(n for _, n in pieces)
    found, before = [], 0
    for (label, n), colour in zip(pieces, (*COLOURS, OTHERS), strict=False):
        path = "" if n == total else _sector(before / total, (before + n) / total)
        found.append(Slice(label, n, n / total, path, colour))
        before += n
    return found


def _sector(start: float, end: float) -> str:
    x1, y1, x2, y2 = (
        100 * way(2 * pi * share) * sign
        for share in (start, end)
        for way, sign in ((sin, 1), (cos, -1))
    )
    large = int(end - start > 0.5)
    return f"M0 0L{x1:.2f} {y1:.2f}A100 100 0 {large} 1 {x2:.2f} {y2:.2f}Z"


@dataclass(frozen=True)
class Column:
    """One column of the histogram.

    Parameters
    ----------
    x : float
        Left edge.
    y : float
        Upper edge; the ground is at `HEIGHT`.
    width : float
        Width.
    height : float
        Height.
    first : int
        Fewest words of its texts.
    last : int
        Most words of its texts.
    n : int
        Texts.
    """

    x: float
    y: float
    width: float
    height: float
    first: int
    last: int
    n: int


@dataclass(frozen=True)
class Tick:
    """A mark on the axis of lengths.

    Parameters
    ----------
    x : float
        Where.
    value : int
        Words.
    """

    x: float
    value: int


def columns(histogram: Histogram) -> list[Column]:
    """Lay out the histogram.

    Parameters
    ----------
    histogram : Histogram
        At least one bin.

    Returns
    -------
    list[Column]
        Equally wide columns: one per bin, whatever the scale of the lengths.
    """
    most = max(max(histogram.counts), 1)
    width = WIDTH / len(histogram.counts)
    found = []
    for index, n in enumerate(histogram.counts):
        height = max(HEIGHT * n / most, _FAINTEST if n else 0)
        first, after = histogram.edges[index], histogram.edges[index + 1]
        found.append(Column(index * width, HEIGHT - height, width, height, first, after - 1, n))
    return found


def ticks(histogram: Histogram) -> list[Tick]:
    """Mark some edges of bins.

    Parameters
    ----------
    histogram : Histogram
        At least one bin.

    Returns
    -------
    list[Tick]
        At most nine, from the left.
    """
    n = len(histogram.counts)
    step = -(-n // _MOST_TICKS)
    return [Tick(WIDTH * at / n, histogram.edges[at]) for at in range(0, n + 1, step)]


@dataclass(frozen=True)
class Box:
    """Lengths of one class on a scale that all classes share; in percent of its width.

    Parameters
    ----------
    p5 : float
        Left end of the whisker.
    q1 : float
        Left end of the box.
    median : float
        Mark in the box.
    q3 : float
        Right end of the box.
    p95 : float
        Right end of the whisker.
    """

    p5: float
    q1: float
    median: float
    q3: float
    p95: float


def boxes(words: Sequence[Quantiles], *, logarithmic: bool) -> list[Box]:
    """Lay out one box per class.

    Parameters
    ----------
    words : Sequence[Quantiles]
        Words of each class.
    logarithmic : bool
        Whether the scale is one of ``log(1 + words)``.

    Returns
    -------
    list[Box]
        As many; the longest whisker ends at 100.
    """
    scale = log1p if logarithmic else float
    most = max((scale(item.p95) for item in words), default=0.0) or 1.0
    return [
        Box(
            *(
                100 * scale(value) / most
                for value in (item.p5, item.q1, item.median, item.q3, item.p95)
            )
        )
        for item in words
    ]
