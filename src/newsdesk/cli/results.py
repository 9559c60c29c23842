"""What a training run is to people: leaderboard, summary, where things lie, what to do next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from newsdesk.cli import console

if TYPE_CHECKING:
    from newsdesk.training import Run

__all__ = ["leaderboard", "quoted", "record", "show", "show_next"]

# Heading, key of the leaderboard and how its value is written.
_COLUMNS = (
    ("valid\nmacro-F1", "valid_macro_f1", ".3f"),
    ("test\nmacro-F1", "test_macro_f1", ".3f"),
    ("test\naccuracy", "test_accuracy", ".3f"),
    ("test\ntop-3", "test_top_3_accuracy", ".3f"),
    ("test\nECE", "test_ece", ".3f"),
    ("fit\ns", "fit_seconds", ".2f"),
    ("texts\nper s", "predict_docs_per_second", ",.0f"),
    ("bundle\nMB", "bundle_mb", ".1f"),
)
# Only of a climb within a budget: everything that a family took, and what was estimated.
_OF_A_CLIMB = (
    ("all\ns", "total_seconds", ".1f"),
    ("estimated\ns", "estimated_seconds", ".1f"),
)

_EXAMPLE = 60
"""Characters of a text that is shown to be typed."""


def leaderboard(lines: list[dict[str, Any]]) -> list[list[str]]:
    """Write the cells of the leaderboard.

    Parameters
    ----------
    lines : list[dict[str, Any]]
        `Run.leaderboard`.

    Returns
    -------
    list[list[str]]
        One row per family: its name, then one cell per column; empty where nothing is known.
    """
    columns = _columns(lines)
    return [
        [
            line["family"],
            *("" if line[key] is None else format(line[key], form) for _, key, form in columns),
        ]
        for line in lines
    ]


def _columns(lines: list[dict[str, Any]]) -> tuple[tuple[str, str, str], ...]:
    climbed = bool(lines) and "estimated_seconds" in lines[0]
    return _COLUMNS + _OF_A_CLIMB if climbed else _COLUMNS


def show(run: Run) -> None:
    """Print the leaderboard and the summary of a run.

    Parameters
    ----------
    run : Run
        Finished.
    """
    from newsdesk.evaluation.summary import cautions, summarise

    best = run.results[0]
    headings = ["family", *(heading for heading, _, _ in _columns(run.leaderboard))]
    shown = console.table(headings, leaderboard(run.leaderboard))
    console.say(shown)
    console.say()
    summary = summarise(best.family, best.test, best.without_leaked, best.n_leaked, best.n_copies)
    console.say(console.printable(summary))
    for caution in cautions(best.test):
        console.say(console.printable(caution))


def show_next(run: Run) -> None:
    """Say where the results of a run lie and what may be typed next.

    Parameters
    ----------
    run : Run
        Finished and written.
    """
    assert run.out is not None, "a run of the command line is always written"
    bundle = shlex.quote(str(run.out / "bundle"))
    first_test_row = int(run.split.test[0])
    (headlines, *_) = run.corpus.documents.fields.values()
    text = console.clip(console.printable(headlines[first_test_row].as_py()), _EXAMPLE) or "…"
    console.say()
    console.say(f"Report:  {run.out / 'report.html'}", wrap=False)
    console.say(f"Bundle:  {run.out / 'bundle'}", wrap=False)
    console.say(f"Try it:  newsdesk predict {bundle} {quoted(text)}", wrap=False)


def quoted(text: str) -> str:
    """Quote a text for a shell, by the quotes that read best.

    Parameters
    ----------
    text : str
        Any text of one line.

    Returns
    -------
    str
        One word of a shell's command line.

    Examples
    --------
    >>> print(quoted("Capital's mayor"), quoted("costs $5"))
    "Capital's mayor" 'costs $5'
    """
    return shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'


def record(run: Run) -> dict[str, Any]:
    """What a run is to programs.

    Parameters
    ----------
    run : Run
        Finished and written.

    Returns
    -------
    dict[str, Any]
        Where it lies, its leaderboard, and what ``metrics.json`` holds.
    """
    from newsdesk.training.folder import metrics_table

    return {
        "name": run.name,
        "out": str(run.out),
        "split": run.split.how,
        "leaderboard": run.leaderboard,
        "metrics": metrics_table(run, run.results[0]),
        "notes": run.notes,
    }
