"""How good newsdesk is on the BBC's news, and what it costs.

Trains family linear on the tutorials' split with default settings, beside scikit-learn's
TfidfVectorizer and LinearSVC on the same rows. Seven per cent of the test rows also stand in train
word for word; every number is also given without them.

Run: ``python benchmarks/bbc.py`` (about a minute).
"""

from __future__ import annotations

from statistics import median
from typing import Any

from benchmark import Benchmark, flags
from measuring import QUALITY, Rows
from scikit_learn import fit_plain
from show import at_least, at_most, show, show_gates

N_RUNS = 3


def train(rows: int | None) -> dict[str, Any]:
    import newsdesk

    result = newsdesk.train("bbc", split="published", rows=rows).results[0]
    fresh = result.without_leaked
    return {
        **{name: getattr(result.test, name) for name in QUALITY},
        "intervals": {name: result.test.intervals[name] for name in QUALITY},
        "n_leaked": result.n_leaked,
        "without_leaked": fresh
        and {
            "n": fresh.n,
            **{name: getattr(fresh, name) for name in QUALITY},
            "intervals": {name: fresh.intervals[name] for name in QUALITY},
        },
        "seconds": result.costs.fit_seconds,
        "compile_seconds": result.costs.compile_seconds,
    }


def main() -> None:
    benchmark = Benchmark("bbc", flags(__doc__).parse_args())
    rows = Rows.load("bbc", benchmark.rows)
    ours, peers = [], []
    for repeat in range(1, N_RUNS + 1):
        ours.append(benchmark.once(f"newsdesk, run {repeat}", lambda: train(benchmark.rows)))
        peers.append(benchmark.once(f"scikit-learn, run {repeat}", lambda: fit_plain(rows, 1e-4)))
    systems = {
        name: runs[0] | {"seconds": median(run["seconds"] for run in runs)}
        for name, runs in (("newsdesk", ours), ("scikit-learn", peers))
    }
    fresh = ours[0]["without_leaked"]
    shown = systems | ({"newsdesk, without leaked rows": fresh} if fresh else {})
    show(shown, ["seconds", *QUALITY])
    gates = [
        at_least("accuracy", ours[0]["accuracy"], 0.975),
        at_most("fit seconds", systems["newsdesk"]["seconds"], 3),
    ]
    show_gates(gates)
    benchmark.finish({"systems": systems, "gates": gates}, data=rows.facts)


if __name__ == "__main__":
    main()
