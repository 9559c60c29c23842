"""An inspection for people: one HTML file that needs nothing else."""

from __future__ import annotations

from newsdesk.evaluation.pages import Pages
from newsdesk.evaluation.summary import percent
from newsdesk.inspection.charts import HEIGHT, WIDTH, boxes, columns, slices, ticks
from newsdesk.inspection.record import FEW_ROWS, Inspection
from newsdesk.inspection.summary import notable, summarise

__all__ = ["render"]

SHOWN = 30
"""Classes that are drawn at once; the others are folded away."""
MOST_CLASSES = 300
"""Classes on the page; more would make it too heavy to open."""


def _small_percent(share: float) -> str:
    """Shares that are small but not 0 do not read as 0."""
    return percent(share) if share >= 0.001 or not share else "<\u00a00.1\u00a0%"


_PAGES = Pages("newsdesk.inspection", small_percent=_small_percent)


def render(found: Inspection) -> str:
    """Write the page.

    Parameters
    ----------
    found : Inspection
        What it says.

    Returns
    -------
    str
        An HTML page that loads nothing and runs no script.
    """
    classes = found.classes[:MOST_CLASSES]
    logarithmic = found.histogram.logarithmic
    return _PAGES.render(
        "inspection.html.j2",
        found=found,
        summary=summarise(found),
        notes=notable(found),
        classes=list(
            zip(
                classes,
                boxes([item.words for item in classes], logarithmic=logarithmic),
                strict=True,
            )
        ),
        n_drawn=SHOWN,
        few_rows=FEW_ROWS,
        slices=slices(found.classes),
        columns=columns(found.histogram),
        ticks=ticks(found.histogram),
        plane=(WIDTH, HEIGHT),
        duplicates=[
            ("Exact", found.exact, "character by character"),
            ("Near", found.near, "nearly; the exact ones are among them"),
        ],
    )
