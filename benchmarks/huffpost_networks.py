"""How good networks on words are on HuffPost, and what they cost.

On the published test rows: family ``lstm`` with all 41 labels and with 34, and ``cnn-text`` with
34, trained on train alone with valid to stop by. `fit_seconds` is the whole fit from Arrow rows on:
vocabulary, training, calibration. With ``--valid`` the valid rows are measured instead of the test
rows, and nothing is recorded: that is how settings are chosen.

Run: ``python benchmarks/huffpost_networks.py`` (about half an hour on two cores).
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from benchmark import Benchmark, flags
from measuring import QUALITY, Rows, params_of, quality
from show import Gate, at_least, at_most, show, show_gates

LABELS = {"34 labels": "huffpost-34", "41 labels": None}
SETTINGS = {
    "lstm": [
        "embedding_dim=100",
        "dropout=0.3",
        "hidden_dropout=0.4",
        "learning_rate=0.002",
        "batch_size=128",
        "epochs=4",
        "patience=1",
    ],
    "cnn-text": ["batch_size=128", "epochs=3", "patience=1"],
}
SYSTEMS = (("lstm", "34 labels"), ("cnn-text", "34 labels"), ("lstm", "41 labels"))
PUBLISHED = {"embedding and LSTM, 41 labels, a split of its own": 0.40}


def measured(family: str, labels: str, n_rows: int | None, *, on_valid: bool) -> dict[str, Any]:
    """Fit a family and measure it once."""
    rows = Rows.load("huffpost", n_rows, labels=LABELS[labels])
    params = params_of(family, SETTINGS[family])
    timed = rows.fit(params, family=family, refit=None)
    history = timed.fitted.history
    if on_valid:
        found = quality(rows.corpus, rows.split.valid, timed.fitted.valid_proba)
    else:
        predictions = timed.fitted.bundle.predict(rows.documents(rows.split.test))
        found = rows.test_quality(predictions.proba)
    return found | {
        "fit_seconds": timed.seconds,
        "chosen_epoch": history.chosen,
        "epochs": [asdict(epoch) for epoch in history.epochs],
        "notes": timed.fitted.notes,
        "data": rows.facts,
    }


def gates_of(systems: dict[str, dict[str, Any]]) -> list[Gate]:
    """The bounds that must be kept."""
    bounds = {"lstm, 34 labels": (0.64, 20), "lstm, 41 labels": (0.58, 20)}
    gates = []
    for name, (accuracy, minutes) in bounds.items():
        gates.append(at_least(f"{name}: accuracy", systems[name]["accuracy"], accuracy))
        gates.append(at_most(f"{name}: minutes", systems[name]["fit_seconds"] / 60, minutes))
    minutes_of_cnn = systems["cnn-text, 34 labels"]["fit_seconds"] / 60
    return [*gates, at_most("cnn-text, 34 labels: minutes", minutes_of_cnn, 5)]


def main() -> None:
    parser = flags(__doc__)
    parser.add_argument("--valid", action="store_true", help="measure valid rows, record nothing")
    parser.add_argument("--system", help="one of them alone, such as 'lstm, 34 labels'")
    arguments = parser.parse_args()
    if arguments.valid or arguments.system:
        arguments.record = False
    benchmark = Benchmark("huffpost_networks", arguments)
    systems = {}
    for family, labels in SYSTEMS:
        name = f"{family}, {labels}"
        if arguments.system in (None, name):
            measure = partial(measured, family, labels, benchmark.rows, on_valid=arguments.valid)
            systems[name] = measure() if arguments.valid else benchmark.once(name, measure)
            show({name: systems[name]}, ["fit_seconds", "chosen_epoch", *QUALITY])
    if len(systems) < len(SYSTEMS) or arguments.valid:
        return
    show(systems, ["fit_seconds", "chosen_epoch", *QUALITY])
    gates = gates_of(systems)
    show_gates(gates)
    facts = {name: found.pop("data") for name, found in systems.items()}
    results = {"systems": systems, "settings": SETTINGS, "published": PUBLISHED, "gates": gates}
    benchmark.finish(results, data=facts, peers=["torch"])


if __name__ == "__main__":
    main()
