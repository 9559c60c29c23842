"""The charts of a study, drawn by matplotlib: as files, and as a part of the page."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import wraps
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsdesk.study.factors import Factor
from newsdesk.study.findings import FactorFinding, Measured, Spread
from newsdesk.training.choices import written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_epochs", "draw_factor", "inline", "save"]

_INK, _QUIET, _RULE, _CARD = "#1d2126", "#5a626c", "#dcd9d2", "#ffffff"
_TRAIN, _VALID = "#1f5fbf", "#b8430f"
_NAMES = {
    _INK: "var(--ink)",
    _QUIET: "var(--quiet)",
    _RULE: "var(--rule)",
    _CARD: "var(--card)",
    _TRAIN: "var(--good)",
    _VALID: "var(--bad)",
}
"""The colours of the report, and their names in its style, which change in the dark."""
_LEVELS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")
"""Paul Tol's "bright" scheme, which people with colour blindness can tell apart."""
_STYLE = {
    "font.size": 9,
    "axes.facecolor": _CARD,
    "axes.edgecolor": _RULE,
    "axes.labelcolor": _QUIET,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "figure.facecolor": _CARD,
    "grid.color": _RULE,
    "text.color": _INK,
    "xtick.color": _RULE,
    "xtick.labelcolor": _INK,
    "ytick.color": _RULE,
    "ytick.labelcolor": _INK,
    "legend.frameon": False,
    "svg.fonttype": "none",  # words that can be searched
    "svg.hashsalt": "newsdesk",  # the same numbers give the same bytes
}
_SIZE = (9.0, 3.5)
_ROOM = 0.16
"""Share of the height that the number of a gap needs between train and valid."""
_DECADES = 30
"""A loss that is so many times another is drawn on a logarithmic axis."""


P = ParamSpec("P")
T = TypeVar("T")


def _styled(work: Callable[P, T]) -> Callable[P, T]:
    """Let a function draw in our style."""

    @wraps(work)
    def styled(*arguments: P.args, **options: P.kwargs) -> T:
        from matplotlib.style import context

        with context(["default", _STYLE]):
            return work(*arguments, **options)

    return styled


@_styled
def draw_factor(found: FactorFinding) -> Figure:
    """Draw accuracy and loss against the levels of a factor.

    Parameters
    ----------
    found : FactorFinding
        What was measured.

    Returns
    -------
    Figure
        Two panels.
    """
    figure, (left, right) = _figure()
    places, scale = _places(found.factor)
    outcomes = [measured.outcome for measured in found.levels]
    known = [(x, outcome) for x, outcome in zip(places, outcomes, strict=True) if outcome]
    x = [place for place, _ in known]
    joined = found.factor.is_numeric
    _lines(left, x, [(o.train, o.valid) for _, o in known], 100.0, joined=joined)
    _lines(right, x, [(o.train_loss, o.valid_loss) for _, o in known], 1.0, joined=joined)
    low, high = left.get_ylim()
    for place, outcome in known:
        middle = 50 * (outcome.train.mean + outcome.valid.mean)
        wide = 100 * abs(outcome.gap.mean) > _ROOM * (high - low)
        y = middle if wide else 100 * max(outcome.train.high, outcome.valid.high)
        left.annotate(
            f"{100 * outcome.gap.mean:.1f}",
            (place, y),
            xytext=(0, 0 if wide else 11),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=8,
        )
    _tame(right, [getattr(o, part).mean for _, o in known for part in ("train_loss", "valid_loss")])
    reach = 0.09 * ((max(places) - min(places)) or 1.0)
    for axes, label in ((left, "accuracy, %"), (right, "log loss, nats")):
        axes.set(xlabel=found.factor.key + scale, ylabel=label)
        axes.set_xticks(places, _texts(found))
        axes.set_xlim(min(places) - reach, max(places) + reach)
        for place, measured in zip(places, found.levels, strict=True):
            if measured.outcome is None:
                across = axes.get_xaxis_transform()
                text = f"× {measured.failure}"
                axes.text(place, 0.03, text, transform=across, rotation=90, ha="center")
    chosen = outcomes[found.recommended]
    if chosen:
        ring: dict[str, Any] = {"ms": 13, "mfc": "none", "mec": _INK, "label": "recommended"}
        left.plot(places[found.recommended], 100 * chosen.valid.mean, "o", **ring)
        right.plot(places[found.recommended], chosen.valid_loss.mean, "o", **ring)
    handles, labels = right.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels))
    return figure


@_styled
def draw_epochs(found: FactorFinding) -> Figure | None:
    """Draw accuracy and loss epoch by epoch, one colour per level.

    Parameters
    ----------
    found : FactorFinding
        What was measured.

    Returns
    -------
    Figure | None
        Two panels, means over the seeds; None where the family does not train in epochs.
    """
    series = {
        written(level): curves
        for level, measured in zip(found.factor.levels, found.levels, strict=True)
        if len(curves := _curves(measured))
    }
    if not series:
        return None
    figure, panels = _figure()
    for axes, first, scale, label in (
        (panels[0], 0, 100.0, "accuracy, %"),
        (panels[1], 2, 1.0, "loss, nats"),
    ):
        for number, (name, curves) in enumerate(series.items()):
            epochs = np.arange(1, len(curves) + 1)
            style: dict[str, Any] = {"color": _LEVELS[number % len(_LEVELS)], "ms": 3.5}
            train, valid = scale * curves[:, first], scale * curves[:, first + 1]
            axes.plot(epochs, train, ls=(0, (3, 2)), lw=1.1, **style)
            marker = "o" if len(epochs) <= 40 else ""
            axes.plot(epochs, valid, marker=marker, label=name, **style)
        axes.set(xlabel="epoch", ylabel=label)
    everything = np.concatenate([curves[:, 2:].ravel() for curves in series.values()])
    _tame(panels[1], everything[np.isfinite(everything)].tolist())
    for axes in panels:
        axes.locator_params(axis="x", integer=True)
    handles, labels = panels[0].get_legend_handles_labels()
    columns = min(len(labels), 6)
    figure.legend(handles, labels, title=found.factor.key, loc="outside upper right", ncols=columns)
    return figure


@_styled
def save(figure: Figure, file: Path | StringIO, kind: str) -> None:
    """Write a figure.

    Parameters
    ----------
    figure : Figure
        The figure.
    file : Path | StringIO
        Where to.
    kind : str
        ``"png"`` or ``"svg"``.
    """
    # Neither the time nor the version of the library.
    silent = ("Date", "Creator") if kind == "svg" else ("Software",)
    figure.savefig(file, format=kind, metadata=dict.fromkeys(silent), dpi=200)


def inline(figure: Figure, label: str) -> str:
    """Turn a figure into a part of the page, in the colours of its style.

    Parameters
    ----------
    figure : Figure
        The figure.
    label : str
        What it shows, for those who do not see it; no mark-up.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    file = StringIO()
    save(figure, file, "svg")
    text = file.getvalue()
    box = re.search(r'viewBox="[^"]*"', text)
    assert box, "matplotlib writes a viewBox"
    body = text[text.index(">", text.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    # Names of groups would stand once for each chart of the page, and nothing refers to them.
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = re.sub(r"font-family: [^;\"]*", "font-family: var(--sans)", body)
    for colour, name in _NAMES.items():
        body = body.replace(colour, name)
    return f'<svg {box.group()} role="img" aria-label="{escape(label)}">{body}'


def _figure() -> tuple[Figure, Sequence[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, layout="constrained")
    return figure, figure.subplots(1, 2)


def _tame(axes: Axes, losses: Sequence[float]) -> None:
    """Let one level that ran away not press the others together."""
    if losses and 0 < min(losses) * _DECADES < max(losses):
        axes.set_yscale("log")


def _places(factor: Factor) -> tuple[list[float], str]:
    """Where the levels stand on the horizontal axis, and what to say of its scale."""
    levels = factor.levels
    if not factor.is_numeric:
        return [float(place) for place in range(len(levels))], ""
    positive = [level for level in levels if level > 0]
    if not positive or max(positive) < 10 * min(positive):
        return [float(level) for level in levels], ""
    if len(positive) == len(levels):
        return [math.log10(level) for level in levels], " (logarithmic)"
    return [float(place) for place in range(len(levels))], " (evenly spaced)"


def _lines(
    axes: Axes,
    x: Sequence[float],
    spreads: Sequence[tuple[Spread, Spread]],
    scale: float,
    *,
    joined: bool,
) -> None:
    """Train and valid with their ranges over the seeds, and the gap between them."""
    train, valid = ([pair[part] for pair in spreads] for part in (0, 1))
    upper, lower = ([scale * spread.mean for spread in line] for line in (train, valid))
    if joined:
        axes.fill_between(x, upper, lower, color=_QUIET, alpha=0.13, lw=0)
    else:
        axes.vlines(x, lower, upper, color=_QUIET, alpha=0.16, lw=14)
    for name, colour, marker, line in (
        ("train", _TRAIN, "o", train),
        ("valid", _VALID, "s", valid),
    ):
        axes.errorbar(
            x,
            [scale * spread.mean for spread in line],
            [
                [scale * (spread.mean - spread.low) for spread in line],
                [scale * (spread.high - spread.mean) for spread in line],
            ],
            color=colour,
            marker=marker,
            markersize=4.8,
            capsize=3,
            linewidth=1.5,
            linestyle="-" if joined else "",
            label=name,
        )


def _texts(found: FactorFinding) -> list[str]:
    return [
        written(level) + ("\nbase" if level == found.factor.base else "")
        for level in found.factor.levels
    ]


def _curves(measured: Measured) -> NDArray[np.float64]:
    """Accuracy and loss on train and valid by epoch, means over the fits; shape ``(epochs, 4)``."""
    every = [
        [
            (e.train_accuracy, e.valid_accuracy, e.train_loss, e.valid_loss)
            for e in fit.history.epochs
        ]
        for fit in measured.fits
        if fit.history is not None and fit.history.epochs
    ]
    shortest = min(map(len, every), default=0)
    if not shortest:
        return np.empty((0, 4))
    mean: NDArray[np.float64] = np.array([rows[:shortest] for rows in every], float).mean(axis=0)
    return mean
