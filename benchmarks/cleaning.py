"""Which text steps are worth their time: the ablation behind "each off unless asked".

Every step alone, the published cleaning (lower case, then ASCII alone) and all steps together are
trained on the train rows of HuffPost-34 and measured on its valid rows, and on the out-of-fold
predictions of the train rows of the BBC's news; the test rows are never looked at. The differences
to no cleaning come with their 95 % intervals from the paired comparison. Beside them stand the
share of texts that a step changes and what it costs per text, on one thread.

Both sets hold next to no markup and mojibake. What the two steps against them are for is shown on
spoilt valid rows of HuffPost-34: wrapped and escaped as HTML, or, where they hold characters beyond
ASCII, decoded in a wrong encoding. The models that predict them were trained on rows as they are.

Run: ``python benchmarks/cleaning.py`` (about four minutes on two cores for family linear).
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import Benchmark, flags
from measuring import Rows, Timed, against, quality
from show import show

if TYPE_CHECKING:
    from newsdesk.types import Documents, Floats, Indices

N_BOOTSTRAP = 200
N_TIMED = 3
NONE = "none"
SETTINGS = {
    "repair": ("repair",),
    "html": ("html",),
    "urls": ("urls",),
    "numbers": ("numbers",),
    "lower": ("lower",),
    "ascii": ("ascii",),
    "published: lower, ascii": ("lower", "ascii"),
    "all": ("repair", "html", "urls", "numbers", "lower", "ascii"),
}
DATA = {"huffpost": "huffpost-34", "bbc": None}
SPOILT: dict[str, Callable[[str], str]] = {
    "html": lambda text: f'<div class="story"><p style="margin: 0">{html.escape(text)}</p></div>',
    "repair": lambda text: text.encode().decode("cp1252", "replace"),
}
SHOWN = ("accuracy", "macro_f1", "points", "p_value", "changed", "microseconds", "seconds")


def fit(rows: Rows, family: str, steps: tuple[str, ...]) -> Timed:
    """Train with some steps."""
    from newsdesk.bundle import Cleaner

    seen = np.concatenate([rows.split.train, rows.split.valid])
    groups = rows.corpus.duplicate_clusters[seen]
    return rows.fit(family=family, cleaner=Cleaner.of(steps), groups=groups, refit=False)


def held_out(
    rows: Rows, family: str, steps: tuple[str, ...]
) -> tuple[dict[str, Any], Floats, Indices]:
    """Train with some steps; give the measures, the held-out probabilities and their rows."""
    timed = fit(rows, family, steps)
    fitted = timed.fitted
    measured = np.concatenate([rows.split.train, rows.split.valid])[fitted.held_out]
    found = quality(rows.corpus, measured, fitted.valid_proba, n_bootstrap=N_BOOTSTRAP)
    found |= {"n": len(measured), "out_of_fold": fitted.out_of_fold, "seconds": timed.seconds}
    return found | cleaning(rows.documents(rows.split.train), steps), fitted.valid_proba, measured


def cleaning(documents: Documents, steps: tuple[str, ...]) -> dict[str, Any]:
    """Share of texts that the steps change, and what they cost per text."""
    import pyarrow.compute as pc

    from newsdesk.bundle import Cleaner

    cleaner, timed = Cleaner.of(steps), []
    for _ in range(N_TIMED):
        start = perf_counter()
        clean = cleaner.apply_all(documents)
        timed.append(1e6 * (perf_counter() - start) / len(documents))
    changed = pc.mean(pc.not_equal(clean.texts, documents.texts)).as_py()
    return {"changed": changed, "microseconds": median(timed)}


def measure(rows: Rows, family: str, steps: tuple[str, ...], plain: Floats) -> dict[str, Any]:
    """Train with some steps, and compare with the probabilities of no cleaning."""
    found, proba, measured = held_out(rows, family, steps)
    names = ", ".join(steps), NONE
    return found | against(
        rows.corpus, measured, proba, plain, names=names, n_bootstrap=N_BOOTSTRAP
    )


def spoilt(rows: Rows, family: str, step: str) -> dict[str, Any]:
    """Accuracy on rows as they are and spoilt, without the step against it and with it."""
    from newsdesk.types import string_array

    valid = rows.split.valid
    documents = rows.documents(valid)
    if step == "repair":
        foreign = np.flatnonzero([not text.isascii() for text in documents.texts.to_pylist()])
        valid, documents = valid[foreign], documents.take(foreign)
    columns = {
        name: string_array([SPOILT[step](text) for text in column.to_pylist()])
        for name, column in documents.fields.items()
    }
    found: dict[str, Any] = {"n": len(valid)}
    for title, steps in ((NONE, ()), (step, (step,))):
        bundle = fit(rows, family, steps).fitted.bundle
        for state, asked in (
            ("as they are", documents),
            ("spoilt", replace(documents, fields=columns)),
        ):
            right = bundle.predict(asked).y == rows.corpus.y[valid]
            found[f"{title}, {state}"] = float(right.mean())
    return found


def main() -> None:
    from newsdesk.bundle import warm_up

    parser = flags(__doc__)
    parser.add_argument("--family", default="linear", metavar="NAME,…", help="which to train")
    arguments = parser.parse_args()
    benchmark = Benchmark("cleaning", arguments)
    results: dict[str, Any] = {}
    damage: dict[str, Any] = {}
    facts = {}
    for name, labels in DATA.items():
        rows = Rows.load(name, benchmark.rows, labels=labels)
        facts[name] = rows.facts
        for family in arguments.family.split(","):
            warm_up(family)
            # Not kept: the others are compared with its probabilities.
            print(f"{name}, {family}, {NONE} …", flush=True)
            found, plain, _ = held_out(rows, family, ())
            systems = {NONE: found}
            for title, steps in SETTINGS.items():
                systems[title] = benchmark.once(
                    f"{name}, {family}, {title}", partial(measure, rows, family, steps, plain)
                )
            results[f"{name}, {family}"] = systems
            print(f"\n{name}, {family}", end="")
            show(systems, SHOWN)
            if name == "huffpost":
                for step in SPOILT:
                    damage[f"{family}, {step}"] = benchmark.once(
                        f"spoilt, {family}, {step}", partial(spoilt, rows, family, step)
                    )
    for title, found in damage.items():
        print(
            f"\nspoilt rows: {title}",
            *(f"{key}: {value:.4f}" for key, value in found.items()),
            sep="\n  ",
        )
    benchmark.finish({"systems": results, "spoilt": damage}, data=facts, peers=["ftfy"])


if __name__ == "__main__":
    main()
