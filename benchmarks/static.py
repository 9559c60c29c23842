"""How good ``static`` is on HuffPost-34, and how many texts it answers in a second.

The published train rows, a tenth of them as valid, with the default settings; refitted on both; the
published test rows are measured once. They are then answered three times on all threads, and the
bundle is asked for one text at a time on one thread.

Run: ``python benchmarks/static.py`` (about four minutes on two cores).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from asking import one_text, size_mb
from benchmark import Benchmark, flags
from child import in_child
from measuring import QUALITY, Rows, spread
from show import at_least, show, show_gates

BOUNDS = {"accuracy": 0.665, "macro_f1": 0.55, "top_3_accuracy": 0.87}
TEXTS_PER_SECOND = 20_000
N_ROUNDS = 3


def measured(n_rows: int | None, home: str) -> dict[str, Any]:
    """Fit, measure, answer again and again, save."""
    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    timed = rows.fit(family="static")
    bundle, documents = timed.fitted.bundle, rows.documents(rows.split.test)
    found = rows.test_quality(bundle.predict(documents).proba)
    seconds = []
    for _ in range(N_ROUNDS):
        start = perf_counter()
        bundle.predict(documents)
        seconds.append(perf_counter() - start)
    bundle.save(Path(home) / "bundle")
    answering = spread(seconds)
    return found | {
        "fit_seconds": timed.seconds,
        "answering": answering,
        "texts_per_second": len(documents) / answering["seconds"],
        "bundle_mb": size_mb(Path(home) / "bundle"),
        "facts": rows.facts,
    }


def main() -> None:
    benchmark = Benchmark("static", flags(__doc__).parse_args())
    with TemporaryDirectory() as home:
        system = benchmark.once(
            "static", partial(in_child, partial(measured, benchmark.rows, home))
        )
        if (Path(home) / "bundle").is_dir():
            ask = partial(one_text, Path(home) / "bundle")
            system["one_text"] = benchmark.once("one text", ask)
    show({"static": system}, [*QUALITY, "fit_seconds", "texts_per_second", "bundle_mb"])
    gates = [at_least(name, system[name], bound) for name, bound in BOUNDS.items()]
    gates.append(at_least("texts per second", system["texts_per_second"], TEXTS_PER_SECOND))
    show_gates(gates)
    facts = system.pop("facts")
    benchmark.finish({"system": system, "gates": gates}, data=facts, peers=["torch"])


if __name__ == "__main__":
    main()
