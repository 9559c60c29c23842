"""How good fine-tuning on all of HuffPost-34 is on a CUDA device, and how many seconds it takes.

``transformer`` is trained on the published train rows without valid, once for each setting below.
The one with the highest macro-F1 on valid is trained on train and valid together and measured once
on the published test rows; curves and seconds of every epoch are recorded.

Without a CUDA device the same steps run on 2,000 rows on the processor, which shows that they work;
nothing is recorded then.

Run: ``make bench-gpu`` (minutes on a data-centre GPU).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from benchmark import Benchmark, flags
from measuring import QUALITY, Rows, params_of, quality
from show import at_least, show, show_gates

EPOCHS = 5
SETTINGS = {
    f"rate {rate}, {size} texts": [
        f"learning_rate={rate}",
        f"batch_size={size}",
        f"epochs={EPOCHS}",
        "kept_precision=float32",
        "max_tokens=64",
    ]
    for rate, size in (("1e-4", 32), ("2e-4", 64), ("3e-4", 128))
}
GOAL = {"accuracy": 0.74, "macro_f1": 0.65, "top_3_accuracy": 0.915}
SMOKE_ROWS = 2_000


def trained(name: str, n_rows: int | None, *, refit: bool) -> dict[str, Any]:
    """Train with a setting; quality on valid, or on test after a refit."""
    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    pairs = SETTINGS[name] if n_rows is None else [*SETTINGS[name], "epochs=1"]
    params = params_of("transformer", pairs)
    timed = rows.fit(params, family="transformer", refit=refit)
    fitted, split = timed.fitted, rows.split
    if refit:
        found = rows.test_quality(fitted.bundle.predict(rows.documents(split.test)).proba)
    else:
        found = quality(rows.corpus, split.valid, fitted.valid_proba)
    return found | {
        "fit_seconds": timed.seconds,
        "chosen_epoch": fitted.history.chosen,
        "epochs": msgspec.to_builtins(fitted.history.epochs),
        "notes": fitted.notes,
    }


def main() -> None:
    import torch

    arguments = flags(__doc__).parse_args()
    device = None
    if torch.cuda.is_available():
        device = torch.cuda.get_device_name()
    elif arguments.rows is None:
        print(f"no CUDA device: a smoke run on {SMOKE_ROWS:,} rows on the processor")
        arguments.rows = SMOKE_ROWS
    benchmark = Benchmark("gpu", arguments)
    tried = {
        name: benchmark.once(name, partial(trained, name, benchmark.rows, refit=False))
        for name in SETTINGS
    }
    show(tried, [*QUALITY, "fit_seconds"])
    best = max(tried, key=lambda name: float(tried[name]["macro_f1"]))
    measured = benchmark.once(f"{best}, test", partial(trained, best, benchmark.rows, refit=True))
    show({f"best on valid: {best}": measured}, [*QUALITY, "fit_seconds"])
    gates = [at_least(f"transformer: {name}", measured[name], GOAL[name]) for name in GOAL]
    show_gates(gates)
    results = {
        "device": device,
        "settings": SETTINGS,
        "on_valid": tried,
        "best": best,
        "on_test": measured,
        "gates": gates,
    }
    rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
    benchmark.finish(results, data=rows.facts, peers=["torch", "tokenizers"])


if __name__ == "__main__":
    main()
