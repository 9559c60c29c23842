"""The run folder: what a finished run leaves for people and for other tools."""

from __future__ import annotations

import csv
import datetime as dt
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from newsdesk import config
from newsdesk._version import __version__
from newsdesk.data import export
from newsdesk.data.identity import split_digest
from newsdesk.evaluation.compare import compare
from newsdesk.evaluation.metrics import Metrics
from newsdesk.evaluation.report import ReportData, render
from newsdesk.training import curves, samples, stages, tensorboard
from newsdesk.training.result import Result

if TYPE_CHECKING:
    from newsdesk.training.run import Run

__all__ = ["SETTINGS", "metrics_table", "write"]

SETTINGS = "run.toml"
"""The file by which a run folder is known."""

_SHORT = (
    "accuracy",
    "macro_f1",
    "weighted_f1",
    "top_3_accuracy",
    "log_loss",
    "ece",
)
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba", "pyarrow", "safetensors")


def write(run: Run, directory: Path) -> None:
    """Write everything but the bundles.

    Parameters
    ----------
    run : Run
        The finished run.
    directory : Path
        Its folder, which holds the bundles already.
    """
    created = dt.datetime.now(dt.UTC).replace(microsecond=0)
    for place, result in enumerate(run.results):
        home = directory if not place else directory / "families" / result.family
        _json(home / "metrics.json", metrics_table(run, result))
        export.write(result.predictions.to_table(truth=_truth(run)), home / "predictions.parquet")
        export.write(result.test.confusion_table(), home / "confusion.csv", escape=False)
        curves.write(result.history, home)
        stages.write(result.history, home)
        if run.settings.get("tensorboard"):
            tensorboard.write(result.history, home, ended=created.timestamp())
    samples.write(run, directory)
    _leaderboard(run, directory / "leaderboard.csv")
    settings = _settings(run, created)
    (directory / SETTINGS).write_text(config.dump(settings), encoding="utf-8")
    report = _report(run, settings, f"{created:%Y-%m-%d %H:%M} UTC")
    (directory / "report.html").write_text(render(report), encoding="utf-8")


def _json(path: Path, value: object) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def metrics_table(run: Run, result: Result) -> dict[str, Any]:
    """What ``metrics.json`` holds.

    Parameters
    ----------
    run : Run
        The run.
    result : Result
        One of its results.

    Returns
    -------
    dict[str, Any]
        Metrics on the test rows, their intervals, the same without leaked rows, per class, epochs
        where there are any, costs.
    """
    split, test, history = run.split, result.test, result.history
    trained = {"n_epochs": len(history.epochs), "chosen_epoch": history.chosen}
    return {
        "family": result.family,
        "n_train": len(split.train),
        "n_valid": len(split.valid),
        "n_test": len(split.test),
        "n_measured": test.n,
        "n_classes": test.n_classes,
        **_short(test),
        "n_leaked": result.n_leaked,
        "n_leaked_exact": result.n_copies,
        "without_leaked": _counted(result.without_leaked),
        "without_leaked_exact": _counted(result.without_copies),
        "valid": {"n_held_out": result.valid.n} | _short(result.valid),
        "per_class": test.per_class,
        "binary": test.binary,
        **(trained if history.epochs else {}),
        "fit_seconds": result.costs.fit_seconds,
        "compile_seconds": result.costs.compile_seconds,
        "predict_docs_per_second": result.costs.predict_docs_per_second,
        "peak_rss_mb": result.costs.peak_rss_mb,
        "bundle_mb": result.costs.bundle_mb,
        "bundle_digest": result.bundle.digest,
    }


def _short(metrics: Metrics) -> dict[str, Any]:
    values = {name: getattr(metrics, name) for name in _SHORT}
    return values | {"intervals": metrics.intervals}


def _counted(metrics: Metrics | None) -> dict[str, Any] | None:
    return None if metrics is None else {"n_test": metrics.n} | _short(metrics)


def _truth(run: Run) -> list[str | None]:
    y = run.corpus.y[run.split.test]
    return [run.corpus.labels[index] if index >= 0 else None for index in y.tolist()]


def _leaderboard(run: Run, path: Path) -> None:
    lines = run.leaderboard
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def _settings(run: Run, created: dt.datetime) -> dict[str, Any]:
    params = {
        family: msgspec.to_builtins(value) for family, value in run.settings["params"].items()
    }
    return {
        **{
            key: str(value) if isinstance(value, Path) else value
            for key, value in run.settings.items()
            if key != "params"
        },
        "created": created.isoformat(),
        "steps": [*run.corpus.steps, run.split.how],
        "data_fingerprint": run.corpus.fingerprint,
        "split_digest": split_digest(run.split),
        "licence": run.corpus.licence,
        "families_settings": params,
        "seconds": {result.family: result.costs.fit_seconds for result in run.results},
        "versions": {
            "newsdesk": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _LIBRARIES},
        },
        "machine": {"system": platform.system(), "machine": platform.machine()},
    }


def _report(run: Run, settings: dict[str, Any], created: str) -> ReportData:
    best, corpus = run.results[0], run.corpus
    measured = corpus.y[run.split.test] >= 0
    rows = best.test_rows
    documents = corpus.documents.take(rows)
    return ReportData(
        title=run.name,
        family=best.family,
        created=created,
        labels=corpus.labels,
        metrics=best.test,
        n_train=len(run.split.train),
        n_valid=len(run.split.valid),
        n_test=len(run.split.test),
        texts=documents.texts,
        ids=documents.ids,
        y=corpus.y[rows],
        proba=best.predictions.proba[measured],
        metrics_without_leaked=best.without_leaked,
        n_leaked=best.n_leaked,
        metrics_without_copies=best.without_copies,
        n_copies=best.n_copies,
        costs=msgspec.to_builtins(best.costs),
        leaderboard=run.leaderboard,
        comparisons=_comparisons(run),
        steps=(*corpus.steps, run.split.how),
        notes=(*run.split.notes, *run.taught),
        settings=_flat(settings),
        curves=curves.read(best.history),
        stages=[stages.table(stage) for stage in best.history.stages],
    )


def _comparisons(run: Run) -> list[str]:
    best = run.results[0]
    rows = best.test_rows
    measured = run.corpus.y[run.split.test] >= 0
    return [
        comparison.sentence
        for other in run.results[1:]
        for comparison in compare(
            best.predictions.proba[measured],
            other.predictions.proba[measured],
            run.corpus.y[rows],
            names=(best.family, other.family),
            clusters=run.clusters[rows],
        )
    ]


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        elif value is not None:
            flat[prefix + key] = (
                ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            )
    return flat
