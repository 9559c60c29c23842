"""How well a budget of 1, 5 and 20 minutes is kept on HuffPost-34, and what is delivered for it.

Climbs the ladder as ``newsdesk train huffpost --labels huffpost-34 --budget …`` does, each budget
in a process of its own with an empty cache, so that no text was encoded before. What a climb could
have delivered are the families that take no longer than its budget. Their times and numbers are
those of the longest climb; of families that it has left out they are those of a training without a
budget that is recorded elsewhere, see `RECORDED`, or else of one made here from an empty cache.

Run: ``python benchmarks/ladder.py`` (about half an hour on two cores); needs the extras of all
families that are to be climbed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import msgspec

from benchmark import Benchmark, flags
from child import environment, in_child
from measuring import QUALITY
from record import RESULTS
from show import Gate, at_least, at_most, show, show_gates

BUDGETS = {"1m": 60.0, "5m": 300.0, "20m": 1200.0}
DATA: dict[str, Any] = {"labels": "huffpost-34", "split": "published"}
OVERDRAWN, APART = 1.1, 0.005
RECORDED = {
    "embedding": ("huffpost_encoders.json", ("encoding", "seconds")),
    "transformer": ("huffpost_transformer.json", None),
}
"""Where a family's training on the same rows is recorded, and what is added to its seconds."""
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
        # Where the data lies on a machine is nobody's business.
        "notes": [note.replace(f"{os.environ.get('NEWSDESK_DATA')}/", "") for note in run.notes],
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


def elsewhere(family: str) -> dict[str, Any] | None:
    """What another benchmark has recorded of a family on the same rows."""
    file, more = RECORDED.get(family, ("", None))
    if not file or not (RESULTS / file).is_file():
        return None
    results = msgspec.json.decode((RESULTS / file).read_bytes())["results"]
    found = results["systems"][family]
    seconds = found["fit_seconds"] + (results[more[0]][more[1]] if more else 0.0)
    return {"seconds": seconds, **{name: found[name] for name in QUALITY}, "recorded_in": file}


def climbed(run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The families that a climb has trained, with their times and numbers."""
    return {
        line["family"]: {
            "seconds": line["total_seconds"],
            **{name: line[f"test_{name}"] for name in QUALITY},
        }
        for line in run["leaderboard"]
    }


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
    apart = climbed(climbs[max(BUDGETS, key=lambda budget: BUDGETS[budget])])
    for name in names:
        known = None if benchmark.rows else elsewhere(name)
        if name not in apart:
            train = partial(from_nothing, alone, name, benchmark.rows)
            apart[name] = known or benchmark.once(f"{name} alone", train)
    show(climbs, ["family", "seconds", *QUALITY])
    for budget, run in climbs.items():
        lines = {f"{budget}: {line['family']}": line for line in run["leaderboard"]}
        show(lines, ["valid_macro_f1", "test_macro_f1", *COSTS])
    show(apart, ["seconds", *QUALITY])
    checked = gates(climbs, apart)
    show_gates(checked)
    benchmark.finish(
        {"climbs": climbs, "families": apart, "gates": checked},
        data={"name": "huffpost", **DATA},
        peers=("torch", "onnxruntime", "tokenizers"),
    )


if __name__ == "__main__":
    main()
