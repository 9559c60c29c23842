"""Where the marks of the search's chart stand; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsdesk.evaluation import axes
from newsdesk.search.grid import Grid, written
from newsdesk.search.result import SettingScore

__all__ = ["Chart", "Line", "Mark", "Tick", "lay_out"]

WIDTH, HEIGHT = 640, 300
"""Of the plane inside the axes, in pixels."""
MOST_LINES = 8
MOST_DOTS = 40
_ROW = 22
_DODGE, _MOST_DODGE = 8, 30
"""Pixels between the marks of two lines that stand over one value, and of the first and last."""
_NEAREST = 34
"""Pixels that the text of a tick needs."""


@dataclass(frozen=True)
class Mark:
    """A setting: its mean, and two standard deviations to both sides.

    Parameters
    ----------
    x : float
        Pixels from the left.
    y : float
        Pixels from the top.
    low : float
        Where the error bar begins, in pixels along the axis of macro-F1.
    high : float
        Where it ends.
    text : str
        What is said of it.
    best : bool
        Whether it is the best setting.
    """

    x: float
    y: float
    low: float
    high: float
    text: str
    best: bool


@dataclass(frozen=True)
class Line:
    """Settings that differ in nothing but the setting on the axis.

    Parameters
    ----------
    name : str
        What they have in common; empty where nothing is to be told apart.
    marks : tuple[Mark, ...]
        From left to right.
    """

    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Tick:
    """A place on an axis.

    Parameters
    ----------
    at : float
        In pixels.
    text : str
        What is written there; may be empty.
    """

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Macro-F1 against the setting with the most values, or against the settings in a column.

    Parameters
    ----------
    axis : str
        The setting on the horizontal axis; empty where every setting has a row of its own, and
        macro-F1 lies on the horizontal axis.
    logarithmic : bool
        Whether equal distances are equal ratios.
    lines : tuple[Line, ...]
        One per combination of the other settings; or one with all rows.
    across : tuple[Tick, ...]
        Ticks of the horizontal axis.
    down : tuple[Tick, ...]
        Ticks of the vertical axis.
    height : int
        Of the plane, in pixels.
    n_hidden : int
        Settings that are left out because there are too many, not because they failed.
    """

    axis: str
    logarithmic: bool
    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    down: tuple[Tick, ...]
    height: int
    n_hidden: int


def lay_out(grid: Grid, ranked: Sequence[SettingScore]) -> Chart:
    """Choose the axis, and place the marks.

    Parameters
    ----------
    grid : Grid
        What was tried.
    ranked : Sequence[SettingScore]
        Its settings, the best first; those that failed are not drawn.

    Returns
    -------
    Chart
        At most `MOST_LINES` lines or `MOST_DOTS` rows, those with the best settings.
    """
    drawn = [score for score in ranked if score.mean is not None]
    axis = _axis(grid)
    return _rows(drawn) if axis is None else _lines(axis, grid, drawn)


def _axis(grid: Grid) -> str | None:
    numeric = [
        key
        for key, values in grid.values.items()
        if len(values) > 1
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    ]
    return max(numeric, key=lambda key: len(grid.values[key]), default=None)


def _lines(axis: str, grid: Grid, drawn: Sequence[SettingScore]) -> Chart:
    by_name: dict[str, list[SettingScore]] = {}
    for score in drawn:
        rest = {key: value for key, value in score.setting.values.items() if key != axis}
        name = " ".join(f"{key}={written(value)}" for key, value in rest.items())
        by_name.setdefault(name, []).append(score)
    shown = dict(list(by_name.items())[:MOST_LINES])  # in the order of their best settings
    values = sorted(grid.values[axis])
    logarithmic = values[0] > 0 and values[-1] / values[0] >= 10
    place = _scale([math.log(v) if logarithmic else float(v) for v in values], WIDTH, margin=28)
    reach, steps = _reach([score for scores in shown.values() for score in scores])
    dodge = min(_DODGE, _MOST_DODGE / max(len(shown) - 1, 1))
    lines = []
    in_order = sorted(shown.items(), key=lambda item: min(s.setting.number for s in item[1]))
    for number, (name, scores) in enumerate(in_order):
        shift = dodge * (number - (len(shown) - 1) / 2)
        marks = []
        for score in sorted(scores, key=lambda score: score.setting.values[axis]):
            value = score.setting.values[axis]
            x = place(math.log(value) if logarithmic else float(value)) + shift
            y, low, high = (HEIGHT - reach(v, HEIGHT) for v in _span(score))
            marks.append(Mark(x, y, low, high, _said(score), score is drawn[0]))
        lines.append(Line(name, tuple(marks)))
    ticks = [Tick(place(math.log(v) if logarithmic else float(v)), written(v)) for v in values]
    return Chart(
        axis=axis,
        logarithmic=logarithmic,
        lines=tuple(lines),
        across=_legible(ticks),
        down=tuple(
            Tick(HEIGHT - reach(step, HEIGHT), text)
            for step, text in zip(steps, axes.written(steps), strict=True)
        ),
        height=HEIGHT,
        n_hidden=len(drawn) - sum(map(len, shown.values())),
    )


def _rows(drawn: Sequence[SettingScore]) -> Chart:
    shown = drawn[:MOST_DOTS]
    reach, steps = _reach(shown)
    marks = []
    for number, score in enumerate(shown):
        x, low, high = (reach(v, WIDTH) for v in _span(score))
        marks.append(Mark(x, (number + 0.5) * _ROW, low, high, _said(score), not number))
    names = [
        Tick(mark.y, " · ".join(map(written, score.setting.values.values())))
        for mark, score in zip(marks, shown, strict=True)
    ]
    return Chart(
        axis="",
        logarithmic=False,
        lines=(Line("", tuple(marks)),),
        across=tuple(
            Tick(reach(step, WIDTH), text)
            for step, text in zip(steps, axes.written(steps), strict=True)
        ),
        down=tuple(names),
        height=len(shown) * _ROW,
        n_hidden=len(drawn) - len(shown),
    )


def _span(score: SettingScore) -> tuple[float, float, float]:
    mean, spread = score.mean or 0.0, 2 * (score.sd or 0.0)
    return mean, mean - spread, mean + spread


def _said(score: SettingScore) -> str:
    mean, _, high = _span(score)
    return f"{score.setting.name}: {mean:.4f} ± {high - mean:.4f}"


def _scale(values: Sequence[float], length: int, *, margin: float = 0) -> Callable[[float], float]:
    least, most = min(values), max(values)
    width = (most - least) or 1.0
    return lambda value: margin + (value - least) / width * (length - 2 * margin)


def _reach(scores: Sequence[SettingScore]) -> tuple[Callable[[float, int], float], list[float]]:
    """Where a macro-F1 lies on an axis of some length, and where its ticks stand."""
    spans = [_span(score) for score in scores]
    least, most = min(span[1] for span in spans), max(span[2] for span in spans)
    step = axes.round_up((most - least) / 5 or 0.01)
    first, last = math.floor(least / step), math.ceil(most / step)
    last = max(last, first + 1)
    steps = [number * step for number in range(first, last + 1)]
    return lambda value, length: (value / step - first) / (last - first) * length, steps


def _legible(ticks: list[Tick]) -> tuple[Tick, ...]:
    """Drop the texts that would lie over one another."""
    found: list[Tick] = []
    last = -math.inf
    for tick in ticks:
        fits = tick.at - last >= _NEAREST
        last = tick.at if fits else last
        found.append(tick if fits else Tick(tick.at, ""))
    return tuple(found)
