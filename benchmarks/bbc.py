"""How good newsdesk is on the BBC's news, and what it costs.

Trains family linear on the tutorials' split with default settings, beside scikit-learn's
TfidfVectorizer and LinearSVC on the same rows. Seven per cent of the test rows also stand in train
word for word, others nearly so; every number is also given without the former, and without both.

Run: ``python benchmarks/bbc.py`` (about a minute).
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from benchmark import Benchmark, flags
from measuring import QUALITY, Rows
from scikit_learn import fit_plain
from show import at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.evaluation.metrics import Metrics

N_RUNS = 3


def numbers(metrics: Metrics | None) -> dict[str, Any] | None:
    if metrics is None:
        return None
    return {
        "n": metrics.n,
        **{name: getattr(metrics, name) for name in QUALITY},
        "intervals": {name: metrics.intervals[name] for name in QUALITY},
    }


def train(rows: int | None) -> dict[str, Any]:
    import newsdesk

    result = newsdesk.train("bbc", split="published", rows=rows).results[0]
    return {
        **{name: getattr(result.test, name) for name in QUALITY},
        "intervals": {name: result.test.intervals[name] for name in QUALITY},
        "n_leaked": result.n_leaked,
        "n_leaked_exact": result.n_copies,
        "without_leaked": numbers(result.without_leaked),
        "without_leaked_exact": numbers(result.without_copies),
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
    fewer = {
        "newsdesk, without exact copies": ours[0]["without_leaked_exact"],
        "newsdesk, without leaked rows": ours[0]["without_leaked"],
    }
    show(systems | {name: found for name, found in fewer.items() if found}, ["seconds", *QUALITY])
    gates = [
        at_least("accuracy", ours[0]["accuracy"], 0.975),
        at_most("fit seconds", systems["newsdesk"]["seconds"], 3),
    ]
    show_gates(gates)
    benchmark.finish({"systems": systems, "gates": gates}, data=rows.facts)


if __name__ == "__main__":
    main()
