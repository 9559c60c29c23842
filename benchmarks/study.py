"""What a study does for the LSTM of the five-class set, and where base and findings end on test.

The set: POLITICS, WELLNESS, ENTERTAINMENT, TRAVEL and STYLE & BEAUTY of HuffPost with the 34-label
names, 2,000 rows of each drawn with seed 0, 20 % test. The published numbers of such a network are
.78 on train and .75 on valid, on the authors' own draw.

- One at a time: dropout, learning rate, optimizer, L1, L2 and the size of the vocabulary around
  the family's preset ``huffpost-lstm``, three seeds, equal epochs; then the recommended levels
  together.
- A grid of dropout, learning rate, vocabulary and epochs, because they work on each other: what
  much dropout leaves over must be learnt in longer steps, and rare words are what is learnt by
  heart. Of its settings whose gap is at most 8 points the best is recommended in the end.
- Base and recommended setting, each trained on train and measured once on test, which the studies
  did not see.

With ``--family`` another family is studied with its own factors, which is for trying out; ``--out``
keeps the folders of the studies, so that an interrupted one goes on where it ended.

Run: ``python benchmarks/study.py --out runs/five-classes-study``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark import Benchmark, flags
from show import Gate, at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.data.corpus import Corpus

CLASSES = ["POLITICS", "WELLNESS", "ENTERTAINMENT", "TRAVEL", "STYLE & BEAUTY"]
PER_CLASS = 2_000
SPLIT = "stratified:0.2"
PRESETS = {"lstm": ["preset=huffpost-lstm"]}
FACTORS = {
    "lstm": [
        "dropout=0|0.2|0.5",
        "learning_rate=0.0003|0.001|0.003",
        "optimizer=adam|rmsprop|sgd",
        "l1=0|0.0001",
        "l2=0|0.001",
        "vocab_size=20000|2500",
    ]
}
GRID = {
    "lstm": [
        "dropout=0|0.9",
        "learning_rate=0.001|0.01",
        "vocab_size=20000|2500",
        "epochs=5|10",
    ]
}
"""Factors that are tried in all combinations."""
PUBLISHED = {"train_accuracy": 0.78, "valid_accuracy": 0.75}
MOST_POINTS = 8.0
COLUMNS = ("train_accuracy", "valid_accuracy", "gap", "valid_log_loss", "test_accuracy")


def read(per_class: int) -> Corpus:
    """Read the five classes, as many rows of each."""
    from newsdesk.data.corpus import read_corpus
    from newsdesk.errors import NewsdeskError
    from newsdesk.study.subset import equal_rows

    try:
        corpus = read_corpus("huffpost", labels="huffpost-34", classes=CLASSES)
    except NewsdeskError as error:
        raise SystemExit(f"{error.problem}\n  → {error.remedy}") from None
    return equal_rows(corpus, per_class, seed=0)


def run_study(
    corpus: Corpus,
    family: str,
    vary: list[str],
    design: Literal["one-at-a-time", "grid"],
    n_seeds: int,
    out: Path | None,
) -> dict[str, Any]:
    """Study the family; gives every level, both settings and the sentences."""
    from newsdesk.study import study, summarise
    from newsdesk.study.result import outcome

    folder = None if out is None else out / design
    found = study(
        corpus,
        family=family,
        vary=vary,
        design=design,
        settings=PRESETS.get(family, []),
        seeds=n_seeds,
        split=SPLIT,
        most_gap=MOST_POINTS / 100 if design == "grid" else None,
        out=folder,
        overwrite=folder is not None and (folder / "study.html").exists(),
        notes=print,
    )
    assert found.together is not None, "a study confirms unless told otherwise"
    print("\n".join(["", *summarise(found)]))
    return {
        "rows": {"train": found.n_train, "valid": found.n_valid, "test": found.n_test},
        "seeds": found.seeds,
        "base": outcome(found.base),
        "recommended": outcome(found.together),
        "settings": found.settings,
        "levels": found.levels,
        "fits": found.fits,
        "seconds": sum(line["seconds"] for line in found.fits),
        "sentences": summarise(found),
    }


def on_test(corpus: Corpus, family: str, settings: list[str]) -> dict[str, Any]:
    """Train a setting as the study's first seed does, and measure it once on test."""
    from newsdesk.training import train

    run = train(corpus, family=family, split=SPLIT, settings=settings, refit=False)
    return {
        "test_accuracy": run.metrics.accuracy,
        "test_accuracy_interval": run.metrics.intervals["accuracy"],
        "test_macro_f1": run.metrics.macro_f1,
        "fit_seconds": run.results[0].costs.fit_seconds,
    }


def gates_of(base: dict[str, Any], chosen: dict[str, Any]) -> list[Gate]:
    """The bounds that the recommended setting must keep."""
    return [
        at_most("train-valid gap, recommended, points", 100 * chosen["gap"], MOST_POINTS),
        at_least(
            "valid accuracy, not below base", chosen["valid_accuracy"], base["valid_accuracy"]
        ),
    ]


def main() -> None:
    parser = flags(__doc__)
    parser.add_argument("--family", default="lstm", help="the family to study")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each setting")
    parser.add_argument(
        "--out", type=Path, help="keep the folders of the studies here; an unfinished one goes on"
    )
    arguments = parser.parse_args()
    benchmark = Benchmark("study", arguments)
    corpus = read(PER_CLASS if benchmark.rows is None else max(benchmark.rows // 5, 20))
    family = arguments.family
    studies = {}
    designs: tuple[tuple[Literal["one-at-a-time", "grid"], list[str] | None], ...] = (
        ("one-at-a-time", FACTORS.get(family, [])),
        ("grid", GRID.get(family)),
    )
    for design, factors in designs:
        if factors is not None:
            given = (corpus, family, factors, design, arguments.seeds, arguments.out)
            studies[design] = benchmark.once(f"study, {design}", partial(run_study, *given))
    found = studies.get("grid", studies["one-at-a-time"])
    base = found["base"] | benchmark.once(
        "base on test", partial(on_test, corpus, family, PRESETS.get(family, []))
    )
    chosen = found["recommended"] | benchmark.once(
        "recommended on test", partial(on_test, corpus, family, found["settings"])
    )
    show({"base": base, "recommended": chosen, "published": PUBLISHED}, COLUMNS)
    gates = gates_of(base, chosen)
    show_gates(gates)
    results = {
        "family": family,
        "studies": studies,
        "base": base,
        "recommended": chosen,
        "published": PUBLISHED,
        "gates": gates,
    }
    facts: dict[str, Any] = {
        "name": "huffpost",
        "labels": "huffpost-34",
        "classes": CLASSES,
        "split": SPLIT,
    }
    facts |= {"n_rows": len(corpus), "licence": corpus.licence, "fingerprint": corpus.fingerprint}
    benchmark.finish(results, data=facts, peers=["torch"])


if __name__ == "__main__":
    main()
