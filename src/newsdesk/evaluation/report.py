"""The report for people: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from newsdesk.evaluation.binary import BinaryMetrics
from newsdesk.evaluation.calibration import reliability
from newsdesk.evaluation.curves import Curves
from newsdesk.evaluation.curves import summarise as tell
from newsdesk.evaluation.metrics import Metrics
from newsdesk.evaluation.mistakes import confused_pairs
from newsdesk.evaluation.pages import Pages
from newsdesk.evaluation.panels import HEIGHT, WIDTH, panels
from newsdesk.evaluation.plots import dots, heat_map
from newsdesk.evaluation.stages import StageTable
from newsdesk.evaluation.summary import cautions, percent, percent_range, summarise
from newsdesk.types import Floats, Indices, LabelSet, string_array

__all__ = ["ReportData", "render"]

_PAGES = Pages("newsdesk.evaluation")

MOST_CLASSES = 300
"""Lines of the table of classes; more would make the file too heavy to open."""

MEANINGS = {
    "accuracy": ("Accuracy", "Share of right answers."),
    "macro_f1": (
        "Macro-F1",
        "Mean F1 of the classes; a rare class weighs as much as a common one.",
    ),
    "weighted_f1": ("Weighted F1", "Mean F1 of the classes, weighed by their test rows."),
    "macro_precision": ("Macro precision", "Of what is said to be a class, how much is."),
    "macro_recall": ("Macro recall", "Of what is a class, how much is said to be."),
    "top_3_accuracy": ("Top-3 accuracy", "The right class is among the three likeliest."),
    "log_loss": ("Log loss", "Surprise at the right class, in nats; lower is better."),
    "ece": (
        "Calibration error",
        "Mean distance between stated and true probability (15 bins); lower is better. "
        "Its interval allows for what chance alone adds.",
    ),
}
BINARY_MEANINGS = {
    "roc_auc": ("ROC-AUC", "A random positive is ranked above a random negative."),
    "average_precision": ("Average precision", "Mean precision over all thresholds."),
    "precision": ("Precision at the threshold", "Of what is called positive, how much is."),
    "recall": ("Recall at the threshold", "Of what is positive, how much is called so."),
    "f1": ("F1 at the threshold", "Harmonic mean of the two."),
}
COSTS = {
    "fit_seconds": "Training, s",
    "compile_seconds": "Compiling, once, s",
    "docs_per_second": "Documents/s",
    "predict_docs_per_second": "Documents/s",
    "peak_rss_mb": "Peak memory, MB",
    "bundle_mb": "Bundle, MB",
    "estimated_seconds": "Estimated, s",
    "total_seconds": "Taken in all, s",
    "estimated_memory_mb": "Estimated memory, MB",
    "memory_mb": "Memory at most, MB",
}


@dataclass(frozen=True)
class ReportData:
    """Everything that the report says.

    Parameters
    ----------
    title : str
        Heading.
    family : str
        The chosen model family.
    created : str
        When, as it is to be read.
    labels : LabelSet
        The k class names.
    metrics : Metrics
        On all test rows.
    n_train : int
        Training rows.
    n_valid : int
        Rows for choice and calibration.
    n_test : int
        Test rows, those without a known class included.
    texts : object
        The measured test texts: an Arrow string array, or a sequence of n strings.
    ids : object
        Their ids, likewise.
    y : Indices
        Their class indices, shape ``(n,)``.
    proba : Floats
        Their probabilities, shape ``(n, k)``.
    metrics_without_leaked : Metrics | None
        On the test rows that have no near-duplicate in train or valid, where some have.
    n_leaked : int
        Test rows with an exact copy or a near-duplicate there.
    metrics_without_copies : Metrics | None
        On the test rows that have no exact copy in train or valid, where some have.
    n_copies : int
        Test rows with an exact copy there.
    costs : Mapping[str, float | None]
        ``fit_seconds``, ``compile_seconds``, ``predict_docs_per_second``, ``peak_rss_mb`` and
        ``bundle_mb``, as far as they are known.
    leaderboard : Sequence[Mapping[str, Any]]
        One per family, ranked: ``family``, ``valid_…``, ``test_…``, costs, ``chosen``.
    comparisons : Sequence[str]
        Sentences of paired comparisons.
    steps : Sequence[str]
        What was done to the data, in order.
    notes : Sequence[str]
        Leaks and other things to know.
    settings : Mapping[str, str]
        Every setting.
    curves : Curves | None
        The training of the chosen family, where it trained in epochs.
    stages : Sequence[StageTable]
        What came before its epochs, and what moved in them.
    """

    title: str
    family: str
    created: str
    labels: LabelSet
    metrics: Metrics
    n_train: int
    n_valid: int
    n_test: int
    texts: object
    ids: object
    y: Indices
    proba: Floats
    metrics_without_leaked: Metrics | None = None
    n_leaked: int = 0
    metrics_without_copies: Metrics | None = None
    n_copies: int = 0
    costs: Mapping[str, float | None] = field(default_factory=dict)
    leaderboard: Sequence[Mapping[str, Any]] = ()
    comparisons: Sequence[str] = ()
    steps: Sequence[str] = ()
    notes: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    curves: Curves | None = None
    stages: Sequence[StageTable] = ()


def render(report: ReportData) -> str:
    """Write the report.

    Parameters
    ----------
    report : ReportData
        What it says.

    Returns
    -------
    str
        An HTML page below 5 MB that loads nothing: styles, charts and script are inside.
    """
    metrics = report.metrics
    by_f1 = sorted(metrics.per_class, key=lambda item: (-item.f1, -item.support))
    shown = by_f1
    if len(by_f1) > MOST_CLASSES:
        common = sorted(by_f1, key=lambda item: -item.support)[:MOST_CLASSES]
        shown = [item for item in by_f1 if item in set(common)]
    others = _others(report)
    return _PAGES.render(
        "report.html.j2",
        report=report,
        metrics=metrics,
        summary=summarise(
            report.family,
            metrics,
            report.metrics_without_leaked,
            report.n_leaked,
            report.n_copies,
        ),
        cautions=cautions(metrics),
        tiles=_tiles(metrics),
        numbers=_numbers(metrics, [other for _, other in others]),
        others=[heading for heading, _ in others],
        costs=_costs(report.costs),
        board=_board(report.leaderboard),
        classes=shown,
        heat=heat_map(metrics),
        dots=dots(reliability(report.proba, report.y)),
        panels=panels(report.curves) if report.curves else [],
        plane=(WIDTH, HEIGHT),
        story=tell(report.curves) if report.curves else "",
        pairs=confused_pairs(
            report.proba,
            report.y,
            report.labels,
            string_array(report.texts),
            string_array(report.ids),
        ),
        n_errors=metrics.n - sum(row[index] for index, row in enumerate(metrics.confusion)),
    )


def _tiles(metrics: Metrics) -> list[dict[str, Any]]:
    names = ["accuracy", "macro_f1", "top_3_accuracy", "ece"]
    return [
        {
            "title": MEANINGS[name][0],
            "value": percent(value),
            "range": percent_range(metrics.intervals[name]),
            "low": 100 * metrics.intervals[name][0],
            "high": 100 * metrics.intervals[name][1],
            "at": 100 * value,
        }
        for name in names
        if (value := getattr(metrics, name)) is not None
    ]


def _others(report: ReportData) -> list[tuple[str, Metrics]]:
    """Headings and metrics of the columns on fewer test rows."""
    n_leaked, n_copies = report.n_leaked, report.n_copies
    found = []
    if report.metrics_without_copies is not None and 0 < n_copies < n_leaked:
        copies = f"{n_copies:,} exact {'copy' if n_copies == 1 else 'copies'}"
        found.append((f"Without the {copies}", report.metrics_without_copies))
    if report.metrics_without_leaked is not None:
        rows = f"{n_leaked:,} leaked {'row' if n_leaked == 1 else 'rows'}"
        found.append((f"Without the {rows}", report.metrics_without_leaked))
    return found


def _numbers(metrics: Metrics, others: Sequence[Metrics]) -> list[dict[str, Any]]:
    rows = _rows_of(MEANINGS, metrics, others)
    if metrics.binary is not None:
        binary = [other.binary for other in others]
        rows += _rows_of(BINARY_MEANINGS, metrics.binary, binary)
    return rows


def _rows_of(
    meanings: Mapping[str, tuple[str, str]],
    measured: Metrics | BinaryMetrics,
    others: Sequence[Metrics | BinaryMetrics | None],
) -> list[dict[str, Any]]:
    rows = []
    for name, (title, meaning) in meanings.items():
        value = getattr(measured, name)
        if value is None:
            continue
        # Log loss is no share.
        write = "{:.3f}".format if name == "log_loss" else percent
        low, high = measured.intervals[name]
        limits = f"{low:.3f}–{high:.3f}" if name == "log_loss" else percent_range((low, high))
        values = [None if other is None else getattr(other, name) for other in others]
        rows.append(
            {
                "title": title,
                "meaning": meaning,
                "value": write(value),
                "interval": limits,
                "others": ["–" if other is None else write(other) for other in values],
            }
        )
    return rows


def _costs(costs: Mapping[str, float | None]) -> list[tuple[str, str]]:
    return [
        (COSTS.get(name, name), _amount(value))
        for name, value in costs.items()
        if value is not None
    ]


def _board(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Columns with their titles, and every row's cells as text."""
    names = _unique(name for row in rows for name in row if name not in ("family", "chosen"))
    return {
        "titles": [_column_title(name) for name in names],
        "rows": [
            {
                "family": row["family"],
                "chosen": bool(row.get("chosen")),
                "cells": [_cell(name, row.get(name)) for name in names],
            }
            for row in rows
        ],
    }


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _column_title(name: str) -> str:
    if name in COSTS:
        return COSTS[name]
    split, _, metric = name.partition("_")
    if split in ("valid", "test") and metric:
        return f"{MEANINGS[metric][0] if metric in MEANINGS else metric}, {split}"
    return name


def _cell(name: str, value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "–"
    if not isinstance(value, float | int):
        return str(value)
    if name.startswith(("valid_", "test_")):
        return f"{value:.3f}" if name.endswith("log_loss") else percent(value)
    return _amount(value)


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
