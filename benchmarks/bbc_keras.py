"""What the BBC's BiLSTM reaches in Keras, by the side of preset ``bbc-bilstm``.

Both read the same ids: vocabulary 5,000 of the published train rows, 200 words filled up behind.
Both are trained on all 1,780 rows for ten epochs with Adam and answer with the weights of the last
one, over the same five seeds; first values and the order of the batches are each one's own. So the
difference of the means says whether the preset is the published network.

Run: ``python benchmarks/bbc_keras.py`` (about a quarter of an hour on two cores; needs keras, see
requirements-peers.txt).
"""

from __future__ import annotations

import os
from functools import partial
from importlib.util import find_spec
from math import hypot, sqrt
from statistics import stdev
from time import perf_counter
from typing import Any

from benchmark import Benchmark, flags
from child import in_child
from measuring import Rows, over_seeds, params_of
from show import Gate, at_most, show, show_gates

SETTINGS = ["preset=bbc-bilstm"]
SEEDS = range(5)
SYSTEMS = ("newsdesk", "keras")
MOST_APART = 2.0
"""Standard errors."""


def measured(system: str, seed: int, n_rows: int | None) -> dict[str, Any]:
    """Train on all published train rows; accuracy on test."""
    rows = Rows.load("bbc", n_rows)
    start = perf_counter()
    predicted = (_keras if system == "keras" else _own)(rows, seed)
    right = predicted == rows.corpus.y[rows.split.test]
    return {"accuracy": float(right.mean()), "seconds": perf_counter() - start}


def _own(rows: Rows, seed: int) -> Any:  # noqa: ANN401  an array
    params = params_of("lstm", SETTINGS)
    bundle = rows.fit(params, family="lstm", refit=True, seed=seed).fitted.bundle
    return bundle.predict(rows.documents(rows.split.test)).y


def _keras(rows: Rows, seed: int) -> Any:  # noqa: ANN401  an array
    from keras_model import compiled
    from newsdesk.models.neural.words.reading import Reader
    from newsdesk.types import Silent

    params = params_of("lstm", SETTINGS)
    train, corpus = rows.published_train, rows.corpus
    reader, whole = Reader.learn(rows.documents(train), params, Silent())
    learnt = reader.seen(whole).sequences
    asked = reader.read(rows.documents(rows.split.test)).sequences
    x, x_test = (
        part.filled(params.max_tokens, params.padding).ids.reshape(part.n, params.max_tokens)
        for part in (learnt, asked)
    )
    n_threads = int(os.environ.get("NEWSDESK_THREADS", "2"))
    model = compiled(params, len(corpus.labels), seed=seed, n_threads=n_threads)
    y, size = corpus.y[train], params.batch_size
    model.fit(x, y, batch_size=size, epochs=params.epochs, verbose=0)
    return model.predict(x_test, verbose=0).argmax(axis=1)


def standard_error(runs: list[dict[str, Any]]) -> float:
    """Of the mean accuracy."""
    accuracies: list[float] = [run["accuracy"] for run in runs]
    return stdev(accuracies) / sqrt(len(runs))


def gates_of(systems: dict[str, dict[str, Any]]) -> list[Gate]:
    """The bounds that must be kept."""
    own, keras = (systems[name] for name in SYSTEMS)
    error = hypot(own["standard_error"], keras["standard_error"])
    apart = abs(own["accuracy"] - keras["accuracy"]) / error
    return [at_most("mean accuracies apart, standard errors", apart, MOST_APART)]


def main() -> None:
    arguments = flags(__doc__).parse_args()
    if find_spec("keras") is None:
        raise SystemExit("keras is not installed: pip install -r benchmarks/requirements-peers.txt")
    benchmark = Benchmark("bbc_keras", arguments)
    systems = {}
    for system in SYSTEMS:
        runs = []
        for seed in SEEDS:
            measure = partial(in_child, measured, system, seed, benchmark.rows)
            runs.append(benchmark.once(f"{system}, seed {seed}", measure))
        systems[system] = over_seeds(runs) | {"standard_error": standard_error(runs)}
    show(systems, ["accuracy", "standard_error", "accuracy_range", "seconds"])
    gates = gates_of(systems)
    show_gates(gates)
    facts = Rows.load("bbc", benchmark.rows).facts
    benchmark.finish({"systems": systems, "gates": gates}, data=facts, peers=["keras", "torch"])


if __name__ == "__main__":
    main()
