"""The search for people: sentences, and one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from newsdesk.data.wording import counted
from newsdesk.evaluation.pages import Pages
from newsdesk.search.chart import WIDTH, lay_out
from newsdesk.search.grid import written
from newsdesk.search.result import SearchResult

__all__ = ["render", "summarise"]

_PAGES = Pages("newsdesk.search", written=written)

MOST_ROWS = 1000
"""Lines of the table of settings; more would make the file too heavy to open."""


def summarise(found: SearchResult) -> list[str]:
    """Say what a search found.

    Parameters
    ----------
    found : SearchResult
        The search.

    Returns
    -------
    list[str]
        Sentences, the most important one first.
    """
    return list(_sentences(found))


def _sentences(found: SearchResult) -> Iterator[str]:
    best, simplest, test = found.best, found.simplest, found.run.metrics
    n_settings, n_failed = len(found.scores), sum(bool(score.failed) for score in found.scores)
    yield (
        f"Of {counted(n_settings, 'setting')}, {best.setting.name} has the highest mean macro-F1: "
        f"{best.mean:.4f} ± {2 * (best.sd or 0):.4f} (2 sd over {found.n_folds} folds of "
        f"{found.n_rows:,} rows)."
    )
    if simplest is not best:
        yield (
            f"{simplest.setting.name} is simpler and within one standard error "
            f"({best.standard_error:.4f}) of it: {simplest.mean:.4f}."
        )
    elif n_settings > 1:
        yield f"No simpler setting is within one standard error ({best.standard_error:.4f}) of it."
    for key, end in _at_the_edge(found):
        yield f"Its {key} is the {end} that was tried: values beyond it may be better."
    if n_failed:
        yield f"{n_failed:,} of the settings failed; their reasons stand in the table."
    low, high = test.intervals["macro_f1"]
    yield (
        f"With the best one trained on all of these rows, macro-F1 on the {test.n:,} test rows, "
        f"which the search did not see, is {test.macro_f1:.4f} "
        f"(95 % interval {low:.4f}–{high:.4f})."
    )


def _at_the_edge(found: SearchResult) -> Iterator[tuple[str, str]]:
    for key, values in found.grid.values.items():
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        # Of two values one always is the best: that says nothing.
        if len(numbers) == len(values) > 2:
            value = found.best.setting.values[key]
            if value in (min(numbers), max(numbers)):
                yield key, "lowest" if value == min(numbers) else "highest"


def render(found: SearchResult, created: str) -> str:
    """Write the page.

    Parameters
    ----------
    found : SearchResult
        The search.
    created : str
        When, as it is to be read.

    Returns
    -------
    str
        An HTML page that loads nothing.
    """
    return _PAGES.render(
        "search.html.j2",
        title=f"{found.name}: which settings?",
        found=found,
        created=created,
        summary=summarise(found),
        chart=lay_out(found.grid, found.ranked),
        width=WIDTH,
        most=MOST_ROWS,
        rows_per_fold=found.n_rows // found.n_folds,
    )
