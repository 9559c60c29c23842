"""Where the marks of training curves stand; a template and a figure draw them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from newsdesk.evaluation.axes import steps, whole_steps, written
from newsdesk.evaluation.curves import Curves, Series

__all__ = ["HEIGHT", "WIDTH", "Line", "Panel", "Tick", "panels"]

WIDTH, HEIGHT = 380, 230
"""Of the plane inside the axes, in pixels."""
MOST_DOTS = 40
"""Epochs that have a dot each; with more of them the dots would hide the line."""
_MOST_TEXTS = 400
"""Epochs that tell their numbers when they are pointed at; of more, every so-manieth."""
_NAME = 15
"""Pixels that the name of a line is high."""


@dataclass(frozen=True)
class Tick:
    """A place along an axis, and what stands there.

    Parameters
    ----------
    at : float
        In pixels, from the left or from the top.
    text : str
        In words.
    """

    at: float
    text: str


@dataclass(frozen=True)
class Line:
    """One series.

    Parameters
    ----------
    name : str
        ``"train"`` or ``"valid"``.
    points : tuple[tuple[float, float], ...]
        Pixels from the left and from the top, one per epoch with a value; at least one.
    ring : tuple[float, float] | None
        That of the epoch whose weights were kept.
    label : float
        Where its name stands, in pixels from the top.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    ring: tuple[float, float] | None
    label: float


@dataclass(frozen=True)
class Panel:
    """One quantity against the epochs.

    Parameters
    ----------
    title : str
        The quantity and its unit.
    lines : tuple[Line, ...]
        Of train and valid, as far as they have values.
    across : tuple[Tick, ...]
        Ticks of the epochs.
    down : tuple[Tick, ...]
        Ticks of the quantity.
    chosen : Tick | None
        The epoch whose weights were kept.
    texts : tuple[Tick, ...]
        Epochs with their numbers in words.
    dotted : bool
        Whether every epoch has a dot.
    """

    title: str
    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    down: tuple[Tick, ...]
    chosen: Tick | None
    texts: tuple[Tick, ...]
    dotted: bool


def panels(curves: Curves) -> list[Panel]:
    """Lay out accuracy and loss.

    Parameters
    ----------
    curves : Curves
        The training.

    Returns
    -------
    list[Panel]
        One panel each; a quantity without any value has none.
    """
    accuracy = {"train": _in_percent(curves.train_accuracy)}
    accuracy["valid"] = _in_percent(curves.valid_accuracy)
    loss = {"train": curves.train_loss, "valid": curves.valid_loss}
    found = [
        _panel(curves, "accuracy, %", accuracy, "{:.1f}\u00a0%"),
        _panel(curves, "loss, nats", loss, "{:.4f}"),
    ]
    return [panel for panel in found if panel is not None]


def _in_percent(series: Series) -> Series:
    return tuple(None if share is None else 100 * share for share in series)


def _panel(curves: Curves, title: str, series: dict[str, Series], number: str) -> Panel | None:
    epochs = curves.epochs
    values = [value for line in series.values() for value in line if value is not None]
    if not values:
        return None
    down = steps(values)

    def x(epoch: int) -> float:
        span = epochs[-1] - epochs[0]
        return WIDTH * (epoch - epochs[0]) / span if span else WIDTH / 2

    def y(value: float) -> float:
        return HEIGHT * (down[-1] - value) / (down[-1] - down[0])

    def line(name: str) -> Line | None:
        by_epoch = {
            epoch: (x(epoch), y(value))
            for epoch, value in zip(epochs, series[name], strict=True)
            if value is not None
        }
        points = tuple(by_epoch.values())
        return Line(name, points, by_epoch.get(curves.chosen), points[-1][1]) if points else None

    def text(place: int) -> str:
        parts = [
            f"{name} {number.format(value)}"
            for name, line in series.items()
            if (value := line[place]) is not None
        ]
        return f"epoch {epochs[place]:,}: {', '.join(parts) or 'no number'}"

    chosen = curves.chosen
    every = -(-len(epochs) // _MOST_TEXTS)
    return Panel(
        title=title,
        lines=_apart([found for name in series if (found := line(name))]),
        across=tuple(Tick(x(epoch), f"{epoch:,}") for epoch in whole_steps(epochs[0], epochs[-1])),
        down=tuple(Tick(y(v), name) for v, name in zip(down, written(down), strict=True)),
        chosen=Tick(x(chosen), f"kept: epoch {chosen:,}") if chosen in epochs else None,
        texts=tuple(Tick(x(epochs[place]), text(place)) for place in range(0, len(epochs), every)),
        dotted=len(epochs) <= MOST_DOTS,
    )


def _apart(lines: list[Line]) -> tuple[Line, ...]:
    """Move the names of two lines that end at one height away from each other."""
    if len(lines) < 2:
        return tuple(lines)
    upper, lower = sorted(lines, key=lambda line: line.label)
    push = max(0.0, _NAME - (lower.label - upper.label)) / 2
    labels = {upper.name: upper.label - push, lower.name: lower.label + push}
    return tuple(replace(line, label=labels[line.name]) for line in lines)
