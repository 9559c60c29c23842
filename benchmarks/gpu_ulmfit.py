"""How good ULMFiT on all of HuffPost-34 is on a CUDA device, and how many words it reads a second.

``ulmfit`` is trained on the published train rows: its language model on their own text, or, where
``--encoder`` names a folder that ``newsdesk import-weights`` made of wikitext-103 weights, on from
that. A tenth of the train rows is valid, as everywhere; the published test rows are measured once.
Perplexities, rates, words per second and the peak of the device's memory are recorded.

Without a CUDA device the same steps run on 2,000 rows and a small network on the processor, which
shows that they work; nothing is recorded then.

Run: ``make bench-gpu`` (minutes on a data-centre GPU).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from benchmark import Benchmark, flags
from measuring import QUALITY, Rows, params_of
from show import at_least, show, show_gates

SETTINGS = [
    "preset=paper",
    "pretraining.batch_size=256",
    "pretraining.n_samples=8192",
    "pretraining.epochs=12",
    "pretraining.output_dropout=0.2",
    "pretraining.input_dropout=0.2",
    "pretraining.weight_dropout=0.3",
    "batch_size=128",
    "max_tokens=100",
]
SMOKE = ["epochs=5", "pretraining.epochs=1", "pretraining.min_updates=0", "min_updates=0"]
BOUNDS = {
    "own text": {"accuracy": 0.66, "macro_f1": 0.54, "top_3_accuracy": 0.86},
    "wikitext-103": {"accuracy": 0.72, "macro_f1": 0.61, "top_3_accuracy": 0.90},
}
SMOKE_ROWS = 2_000


def trained(encoder: str, n_rows: int | None) -> dict[str, Any]:
    """Train, and measure the test rows."""
    import torch

    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    pairs = SETTINGS if n_rows is None else SMOKE
    params = params_of("ulmfit", [*pairs, f"encoder={encoder}"] if encoder else pairs)
    device = torch.cuda.is_available()
    if device:
        torch.cuda.reset_peak_memory_stats()
    timed = rows.fit(params, family="ulmfit", refit=False)
    found = rows.test_quality(timed.fitted.bundle.predict(rows.documents(rows.split.test)).proba)
    return found | {
        "fit_seconds": timed.seconds,
        "peak_memory_mb": torch.cuda.max_memory_allocated() / 1e6 if device else None,
        "settings": msgspec.to_builtins(params) | {"encoder": Path(encoder).name},
        "stages": msgspec.to_builtins(timed.fitted.history.stages),
        "epochs": msgspec.to_builtins(timed.fitted.history.epochs),
    }


def main() -> None:
    import torch

    parser = flags(__doc__)
    parser.add_argument("--encoder", default="", metavar="DIR", help="an imported language model")
    arguments = parser.parse_args()
    device = None
    if torch.cuda.is_available():
        device = torch.cuda.get_device_name()
    elif arguments.rows is None:
        print(f"no CUDA device: a smoke run on {SMOKE_ROWS:,} rows on the processor")
        arguments.rows = SMOKE_ROWS
    benchmark = Benchmark("gpu_ulmfit", arguments)
    kind = "wikitext-103" if arguments.encoder else "own text"
    measured = benchmark.once(kind, partial(trained, arguments.encoder, benchmark.rows))
    show({f"ulmfit, {kind}": measured}, [*QUALITY, "fit_seconds"])
    gates = [at_least(f"{kind}: {name}", measured[name], at) for name, at in BOUNDS[kind].items()]
    show_gates(gates)
    results = {"device": device, "systems": {kind: measured}, "gates": gates}
    rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
    benchmark.finish(results, data=rows.facts, peers=["torch"])


if __name__ == "__main__":
    main()
