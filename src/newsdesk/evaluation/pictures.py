"""Training curves as picture files, for papers and slides: the matplotlib room."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.evaluation.curves import Curves
from newsdesk.evaluation.panels import HEIGHT, WIDTH, Panel, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

# Those of the report, see its style.
_INK, _QUIET, _RULE = "#1d2126", "#5a626c", "#dcd9d2"
_LINES = {"train": ("#1f5fbf", "o"), "valid": ("#b8430f", "s")}
_STYLE = {
    "font.size": 9,
    "axes.labelcolor": _QUIET,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.spines.bottom": False,
    "axes.axisbelow": True,
    "grid.color": _RULE,
    "text.color": _INK,
    "xtick.color": _RULE,
    "xtick.labelcolor": _INK,
    "ytick.left": False,
    "ytick.labelcolor": _INK,
    "svg.fonttype": "none",  # words that can be searched
    "svg.hashsalt": "newsdesk",  # the same curves give the same bytes
}


def draw(curves: Curves, *paths: Path) -> None:
    """Draw accuracy and loss side by side, as the report does.

    Parameters
    ----------
    curves : Curves
        The training.
    *paths : Path
        Files to write; the suffix tells the format: ``.png``, of 2,000 x 720 pixels, or ``.svg``.
    """
    from matplotlib.figure import Figure
    from matplotlib.style import context

    with context(["default", _STYLE]):
        figure = Figure(figsize=(10, 3.6), dpi=200, layout="constrained")
        found = panels(curves)
        for number, panel in enumerate(found, start=1):
            _draw(figure.add_subplot(1, len(found), number), panel)
        for path in paths:
            # Neither the time nor the version of the library.
            silent = ("Date", "Creator") if path.suffix == ".svg" else ("Software",)
            figure.savefig(path, metadata=dict.fromkeys(silent))


def _draw(axes: Axes, panel: Panel) -> None:
    axes.set(xlim=(-8, WIDTH + 8), ylim=(HEIGHT + 1, -1), xlabel="epoch", ylabel=panel.title)
    axes.set_xticks([tick.at for tick in panel.across], [tick.text for tick in panel.across])
    axes.set_yticks([tick.at for tick in panel.down], [tick.text for tick in panel.down])
    axes.grid(axis="y")
    if panel.chosen:
        axes.axvline(panel.chosen.at, color=_QUIET, linestyle=(0, (4, 3)), linewidth=0.9)
        axes.set_title(panel.chosen.text, x=(panel.chosen.at + 8) / (WIDTH + 16), fontsize=9)
    for line in panel.lines:
        colour, shape = _LINES[line.name]
        across, down = zip(*line.points, strict=True)
        axes.plot(
            across,
            down,
            color=colour,
            marker=shape if panel.dotted else "",
            markersize=4.5,
            clip_on=False,
        )
        if line.ring:
            x, y = line.ring
            axes.scatter(x, y, s=110, facecolors="none", edgecolors=_INK, clip_on=False, zorder=3)
        end = across[-1] + 13
        axes.text(end, line.label, line.name, color=colour, weight="bold", va="center")
