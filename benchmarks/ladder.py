"""How well a budget of 1, 5 and 20 minutes is kept on HuffPost-34, and what is delivered for it.

Climbs the ladder as ``newsdesk train huffpost --labels huffpost-34 --budget …`` does, each budget
in a process of its own with an empty cache, so that no text was encoded before. Besides, every
family of the ladder is trained alone and without a budget, likewise from an empty cache: those that
take no longer than a budget are what a climb could have delivered.

Run: ``python benchmarks/ladder.py`` (about 40 minutes on two cores); needs the extras of all
families that are to be climbed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmark import Benchmark, flags
from child import environment, in_child
from measuring import QUALITY
from show import Gate, at_least, at_most, show, show_gates

BUDGETS = {"1m": 60.0, "5m": 300.0, "20m": 1200.0}
DATA: dict[str, Any] = {"labels": "huffpost-34", "split": "published"}
OVERDRAWN, APART = 1.1, 0.005
COSTS = ("estimated_seconds", "total_seconds", "estimated_memory_mb", "memory_mb", "fit_seconds")


def climb(budget: str, rows: int | None) -> dict[str, Any]:
    import newsdesk

    with TemporaryDirectory() as folder:
        start = perf_counter()
        run = newsdesk.train("huffpost", **DATA, rows=rows, budget=budget, out=Path(folder) / "run")
        seconds = perf_counter() - start
    return {
        "family": run.results[0].family,
        "seconds": seconds,
        **{name: getattr(run.metrics, name) for name in QUALITY},
        "leaderboard": run.leaderboard,
        "rungs": run.settings["budget"]["rungs"],
        "notes": list(run.notes),
    }


def alone(family: str, rows: int | None) -> dict[str, Any]:
    import newsdesk

    with TemporaryDirectory() as folder:
        start = perf_counter()
        run = newsdesk.train("huffpost", **DATA, rows=rows, family=family, out=Path(folder) / "run")
        seconds = perf_counter() - start
    return {"seconds": seconds, **{name: getattr(run.metrics, name) for name in QUALITY}}


def families() -> list[str]:
    from newsdesk.ladder.rungs import rungs

    return rungs(None)


def from_nothing(function: Callable[..., dict[str, Any]], *arguments: object) -> dict[str, Any]:
    """Call a function in a process of its own that finds no encoded text."""
    with TemporaryDirectory() as empty, environment(NEWSDESK_CACHE=empty):
        return in_child(function, *arguments)


def gates(climbs: dict[str, dict[str, Any]], apart: dict[str, dict[str, Any]]) -> list[Gate]:
    found = []
    for budget, seconds in BUDGETS.items():
        run = climbs[budget]
        found.append(at_most(f"{budget}: seconds", run["seconds"], OVERDRAWN * seconds))
        fitting = [one["macro_f1"] for one in apart.values() if one["seconds"] <= seconds]
        best = max(fitting, default=0.0)
        found.append(
            at_least(f"{budget}: macro-F1, of the best that fits", run["macro_f1"], best - APART)
        )
    return found


def main() -> None:
    benchmark = Benchmark("ladder", flags(__doc__).parse_args())
    names = in_child(families)
    climbs = {
        budget: benchmark.once(
            f"budget {budget}", partial(from_nothing, climb, budget, benchmark.rows)
        )
        for budget in BUDGETS
    }
    apart = {
        name: benchmark.once(f"{name} alone", partial(from_nothing, alone, name, benchmark.rows))
        for name in names
    }
    show(climbs, ["family", "seconds", *QUALITY])
    for budget, run in climbs.items():
        lines = {f"{budget}: {line['family']}": line for line in run["leaderboard"]}
        show(lines, ["valid_macro_f1", "test_macro_f1", *COSTS])
    show(apart, ["seconds", *QUALITY])
    checked = gates(climbs, apart)
    show_gates(checked)
    benchmark.finish(
        {"climbs": climbs, "alone": apart, "gates": checked},
        data={"name": "huffpost", **DATA},
        peers=("torch", "onnxruntime", "tokenizers"),
    )


if __name__ == "__main__":
    main()
