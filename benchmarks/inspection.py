"""How long `newsdesk inspect` takes, and how much memory.

Runs the command in a process of its own on the HuffPost news (200,853 rows of 41 classes), tables
and page together, start of the process included. The first run may compile the inner loops of the
search for near duplicates, so it is told apart.

Run: ``python benchmarks/inspection.py`` (about two minutes).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmark import Benchmark, flags
from child import in_child
from show import at_most, show, show_gates

N_RUNS = 3
FACTS = ("n_rows", "counts")


def inspect(rows: int | None) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        command = [sys.executable, "-m", "newsdesk", "inspect", "huffpost", "--json", "--quiet"]
        command += ["--out", str(page), *([] if rows is None else ["--rows", str(rows)])]
        start = perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ)
        seconds = perf_counter() - start
        page_kb = page.stat().st_size / 1e3
    found = json.loads(done.stdout)
    # Kibibytes on Linux; this process has had no other child.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {
        "seconds": seconds,
        "peak_rss_mb": peak,
        "page_kb": page_kb,
        **{name: found[name] for name in FACTS},
        "n_classes": len(found["classes"]),
        "pairs": [[item["first"], item["second"], item["similarity"]] for item in found["pairs"]],
        "giveaways": [[item["word"], item["label"]] for item in found["giveaways"][:10]],
    }


def main() -> None:
    benchmark = Benchmark("inspection", flags(__doc__).parse_args())
    runs = {
        name: benchmark.once(name, lambda: in_child(inspect, benchmark.rows))
        for name in ("first run", *(f"run {repeat}" for repeat in range(1, N_RUNS + 1)))
    }
    show(runs, ["seconds", "peak_rss_mb", "page_kb"])
    first, *others = runs.values()
    seconds = median(run["seconds"] for run in others)
    gates = [
        at_most("seconds, process start and page included", seconds, 30),
        at_most("peak memory, MB", max(run["peak_rss_mb"] for run in others), 2048),
    ]
    show_gates(gates)
    print()
    for a, b, similarity in first["pairs"][:10]:
        print(f"{similarity:.2f}  {a} / {b}")
    timings = {
        name: {key: run[key] for key in ("seconds", "peak_rss_mb")} for name, run in runs.items()
    }
    facts = {key: first[key] for key in (*FACTS, "n_classes", "page_kb", "pairs", "giveaways")}
    benchmark.finish(
        {"seconds": seconds, "runs": timings, "found": facts, "gates": gates},
        data={"name": "huffpost", "n_rows": first["n_rows"], "n_classes": first["n_classes"]},
    )


if __name__ == "__main__":
    main()
