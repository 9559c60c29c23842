"""How good newsdesk is on HuffPost-34, and what it costs.

Trains family linear on the published split with default settings and with character n-grams, as
``newsdesk train huffpost --labels huffpost-34`` does, each run in a process of its own. Compilation
is timed apart: with an empty cache (once per machine) and with a full one (once per process).

Run: ``python benchmarks/huffpost.py`` (about four minutes on two cores).
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmark import Benchmark, flags
from child import environment, in_child
from measuring import QUALITY
from show import Gate, at_least, at_most, show, show_gates

N_RUNS = 3
SETTINGS = {"default": [], "character n-grams": ["char_ngrams=[4,5]"]}


def train(settings: list[str], rows: int | None) -> dict[str, Any]:
    import newsdesk

    with TemporaryDirectory() as folder:
        run = newsdesk.train(
            "huffpost",
            labels="huffpost-34",
            split="published",
            settings=settings,
            rows=rows,
            out=Path(folder) / "run",
        )
    result = run.results[0]
    return {
        **{name: getattr(result.test, name) for name in QUALITY},
        "intervals": {name: result.test.intervals[name] for name in QUALITY},
        "valid": {name: getattr(result.valid, name) for name in QUALITY},
        "without_leaked": result.without_leaked
        and {"n": result.without_leaked.n}
        | {name: getattr(result.without_leaked, name) for name in QUALITY},
        **asdict(result.costs),
        "bundle_digest": run.bundle.digest,
        "rows": {part: len(getattr(run.split, part)) for part in ("train", "valid", "test")},
    }


def compile_seconds() -> dict[str, float]:
    from newsdesk.bundle import warm_up

    return {"seconds": warm_up("linear")}


def cold_compile_seconds() -> dict[str, float]:
    with TemporaryDirectory() as empty, environment(NUMBA_CACHE_DIR=empty):
        return in_child(compile_seconds)


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The first run's quality, which all share, with the median of each cost."""
    costs = ("fit_seconds", "compile_seconds", "predict_docs_per_second", "peak_rss_mb")
    return {
        **runs[0],
        **{name: median(run[name] for run in runs) for name in costs},
        "all_fit_seconds": [run["fit_seconds"] for run in runs],
        "equal_bundles": len({run["bundle_digest"] for run in runs}) == 1,
    }


def gates(systems: dict[str, dict[str, Any]]) -> list[Gate]:
    default, characters = systems["default"], systems["character n-grams"]
    found = [
        at_least("default: accuracy", default["accuracy"], 0.685),
        at_least("default: macro-F1", default["macro_f1"], 0.575),
        at_least("default: top-3 accuracy", default["top_3_accuracy"], 0.870),
        at_most("default: ECE", default["ece"], 0.03),
    ]
    for kind, bounds in (("", (0.693, 0.584, 0.877)), (" (goal)", (0.70, 0.59, 0.885))):
        for name, bound in zip(("accuracy", "macro_f1", "top_3_accuracy"), bounds, strict=True):
            what = name.replace("_", " ").replace("top 3", "top-3").replace("macro f1", "macro-F1")
            found.append(at_least(f"characters: {what}{kind}", characters[name], bound))
    found.append(at_most("characters: fit seconds", characters["fit_seconds"], 30))
    for name, system in systems.items():
        found.append(at_most(f"{name}: bundle MB", system["bundle_mb"], 100))
        found.append(
            at_least(f"{name}: repeated runs give equal bundles", system["equal_bundles"], 1)
        )
    return found


def main() -> None:
    benchmark = Benchmark("huffpost", flags(__doc__).parse_args())
    cold = benchmark.once("compilation, empty cache", cold_compile_seconds)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in SETTINGS}
    for repeat in range(1, N_RUNS + 1):
        for name, settings in SETTINGS.items():
            runs[name].append(
                benchmark.once(
                    f"{name}, run {repeat}",
                    partial(in_child, train, settings, benchmark.rows),
                )
            )
    systems = {name: summary(found) for name, found in runs.items()}
    costs = ("fit_seconds", "predict_docs_per_second", "peak_rss_mb", "bundle_mb")
    show(systems, [*QUALITY, *costs])
    print(f"\ncompilation: {cold['seconds']:.1f} s with an empty cache, ", end="")
    print(f"{systems['default']['compile_seconds']:.2f} s with a full one")
    checked = gates(systems)
    show_gates(checked)
    benchmark.finish(
        {"compile_seconds_empty_cache": cold["seconds"], "systems": systems, "gates": checked},
        data={"name": "huffpost", "labels": "huffpost-34", "split": "published"},
    )


if __name__ == "__main__":
    main()
