"""Measure a bundle on labelled rows.

Every number comes with its 95 % interval. Rows whose label the bundle does not know cannot be
right; they are counted apart and not measured.

For example:
  newsdesk evaluate runs/articles/bundle other.csv
  newsdesk evaluate runs/demo/bundle news.jsonl --text headline --label section --json
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsdesk.cli import console, options

if TYPE_CHECKING:
    from newsdesk.evaluation.binary import BinaryMetrics
    from newsdesk.evaluation.metrics import ClassMetrics, Metrics

__all__ = ["evaluate"]

_NAMES = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "weighted_f1": "weighted F1",
    "top_3_accuracy": "top-3 accuracy",
    "log_loss": "log loss",
    "ece": "calibration error (ECE)",
}
_BINARY_NAMES = {
    "roc_auc": "ROC-AUC",
    "average_precision": "average precision",
}


def evaluate(
    bundle: options.Bundle,
    data: options.Data,
    text: options.Text = None,
    label: options.Label = None,
    labels: options.Labels = None,
    rows: options.Rows = None,
    seed: options.Seed = 0,
    expect_digest: options.Digest = None,
    on_bad_row: options.OnBadRow = "error",
    quarantine: options.Quarantine = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure a bundle on labelled rows."""
    from newsdesk import training
    from newsdesk.bundle import Bundle
    from newsdesk.cli.progress import progress
    from newsdesk.data.corpus import read_corpus
    from newsdesk.data.fields import aligned

    door = Bundle.load(bundle, expect_digest=expect_digest)
    bars = progress(quiet=quiet)
    corpus = read_corpus(
        data,
        text=options.names(text),
        label=label,
        labels=labels,
        rows=rows,
        seed=seed,
        on_bad_row=on_bad_row,
        quarantine=quarantine,
        encoding=encoding,
        delimiter=delimiter,
        prefer=door.fields,
        min_classes=1,
        progress=bars,
    )
    documents, said = aligned(corpus.documents, door.fields, guessed=text is None)
    corpus = replace(corpus, documents=documents)
    if not quiet:
        for line in (*corpus.steps, said):
            console.note(line)
    found = training.evaluate(door, corpus, seed=seed, progress=bars)
    if as_json:
        console.write_json(
            {
                "bundle": str(bundle),
                "digest": door.digest,
                "data": data,
                "n_unseen_label": found.n_unseen_label,
                "metrics": found.metrics,
                "notes": found.notes,
            }
        )
        return
    _show(found.metrics)
    for line in found.notes:
        console.say()
        console.say(console.printable(line))


def _show(metrics: Metrics) -> None:
    rows = [_row(metrics, name, title) for name, title in _NAMES.items()]
    if metrics.binary is not None:
        rows += [_row(metrics.binary, name, title) for name, title in _BINARY_NAMES.items()]
    rows = [row for row in rows if row]
    console.say(console.table([f"{metrics.n:,} rows", "value", "95 % interval"], rows))
    console.say()
    headings = ["label", "rows", "precision", "recall", "F1", "95 % interval"]
    console.say(console.table(headings, [_cells(item) for item in metrics.per_class]))


def _row(metrics: Metrics | BinaryMetrics, name: str, title: str) -> list[str]:
    """Cells of a number; none where it is not defined on these rows."""
    value = getattr(metrics, name)
    if value is None:
        return []
    low, high = metrics.intervals[name]
    return [title, f"{value:.4f}", f"{low:.4f} – {high:.4f}"]


def _cells(item: ClassMetrics) -> list[str]:
    low, high = item.interval
    return [
        console.printable(item.label),
        f"{item.support:,}",
        f"{item.precision:.3f}",
        f"{item.recall:.3f}",
        f"{item.f1:.3f}",
        f"{low:.3f} – {high:.3f}",
    ]
