"""What a language model brings that was trained before, on HuffPost-34 with few labels.

For each of ``nnlm-lstm``, ``elmo-lstm`` and ``ulmfit``: 20,000 of the published train rows are
drawn (seed 0), a tenth of them as valid; a language model is trained on the text of the other nine
tenths and on no other; the network learns the classes from it. The same network, with the same
settings, learns them from first values. Both are measured once on the published test rows and
compared row by row, beside ``linear`` on the same rows. Settings were chosen on 10,000 further
train rows (``--dev`` measures those in place of the test rows and records nothing).

``--larger`` does so with 60,000 rows, without the networks from first values and with fewer epochs
of ``elmo-lstm``, and is recorded beside it. Both are resumable: what is finished is kept, and a
training that was interrupted goes on.

Run: ``python benchmarks/transfer.py``, and with ``--larger`` (each about an hour on two cores).
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from asking import one_text, size_mb
from benchmark import Benchmark, flags
from child import environment, in_child
from measuring import QUALITY, Rows, against, params_of, quality
from record import RESULTS
from show import Gate, at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.types import Indices

FAMILIES = ("nnlm-lstm", "elmo-lstm", "ulmfit")
SIZES = {"transfer": (20_000, 20), "transfer_larger": (60_000, 60)}
"""Rows, and minutes that a family may take."""
FEWER_EPOCHS = {"elmo-lstm": ("epochs=10",)}
"""Settings of the larger runs: in three times the rows ten epochs are more updates than sixteen."""
N_DEV = 10_000
POINTS = 1.0
ONE_TEXT_MS = 20
N_BOOTSTRAP = 1000
HOME = RESULTS.parent / "data" / "transfer"


def drawn(rows: Rows, n: int) -> tuple[Indices, Indices, Indices]:
    """Train rows, valid rows, and further train rows to choose settings by."""
    order = np.random.default_rng(0).permutation(rows.published_train)
    own, others = order[:n], order[n : n + N_DEV]
    return np.sort(own[n // 10 :]), np.sort(own[: n // 10]), np.sort(others)


def trained(
    family: str, n: int, home: str, pairs: tuple[str, ...], *, pretrained: bool, on_dev: bool
) -> dict[str, Any]:
    """Fit a family, or linear, on the drawn rows; measure it, save it."""
    import msgspec

    from newsdesk.bundle import Bundle
    from newsdesk.config import n_threads

    rows = Rows.load("huffpost", None, labels="huffpost-34")
    train, valid, dev = drawn(rows, n)
    asked = dev if on_dev else rows.split.test
    corpus, place = rows.corpus, Path(home)
    place.mkdir(parents=True, exist_ok=True)
    if family != "linear":
        pairs = (*pairs, f"pretrained={str(pretrained).lower()}")
    params = params_of(family, pairs)
    start = perf_counter()
    fitted = Bundle.fit(
        corpus.documents.take(train),
        corpus.y[train],
        labels=corpus.labels,
        valid=(corpus.documents.take(valid), corpus.y[valid]),
        params=params,
        family=family,
        refit=False,
        checkpoints=place / "unfinished",
    )
    seconds = perf_counter() - start
    proba = fitted.bundle.predict(corpus.documents.take(asked)).proba
    np.save(place / "proba.npy", proba)
    shutil.rmtree(place / "bundle", ignore_errors=True)
    fitted.bundle.save(place / "bundle")
    shutil.rmtree(place / "unfinished", ignore_errors=True)
    return quality(corpus, asked, proba) | {
        "minutes": seconds / 60,
        "threads": n_threads(),
        "bundle_mb": size_mb(place / "bundle"),
        "settings": msgspec.to_builtins(params),
        "stages": msgspec.to_builtins(fitted.history.stages),
        "epochs": msgspec.to_builtins(fitted.history.epochs),
        "notes": fitted.notes,
    }


def compared(home: Path, n: int, family: str, *, on_dev: bool) -> dict[str, Any]:
    """Compare a family with itself from first values, row by row."""
    rows = Rows.load("huffpost", None, labels="huffpost-34")
    asked = drawn(rows, n)[2] if on_dev else rows.split.test
    names = (family, "from_first_values")
    proba, other = (np.load(home / name / "proba.npy") for name in (family, f"{family}-plain"))
    return against(rows.corpus, asked, proba, other, names=names, n_bootstrap=N_BOOTSTRAP)


def gates_of(
    systems: dict[str, dict[str, Any]],
    gains: dict[str, dict[str, Any]],
    families: tuple[str, ...],
    minutes: int,
) -> list[Gate]:
    """The bounds that must be kept."""
    gates = []
    for family in families:
        gates += [
            at_most(f"{family}: minutes", systems[family]["minutes"], minutes),
            at_most(f"{family}: one text, ms", systems[family]["one_text_ms"], ONE_TEXT_MS),
        ]
    for family, gain in gains.items():
        lower = 100 * gain["accuracy_against_from_first_values"]["interval"][0]
        gates += [
            at_least(f"{family}: points gained", gain["points"], POINTS),
            at_least(f"{family}: lower end of the interval", lower, 0),
        ]
    return gates


def main() -> None:
    parser = flags(__doc__)
    parser.add_argument("--dev", action="store_true", help="measure further train rows")
    parser.add_argument("--larger", action="store_true", help="60,000 rows")
    parser.add_argument("--family", choices=FAMILIES, help="only this one; records nothing")
    parser.add_argument("--set", action="append", default=[], help="a setting; records nothing")
    arguments = parser.parse_args()
    if arguments.dev or arguments.family or arguments.set:
        arguments.record = False
    name = "transfer_larger" if arguments.larger else "transfer"
    n, minutes = SIZES[name]
    benchmark = Benchmark(name, arguments)
    n = benchmark.rows or n
    tried = arguments.family or arguments.set or arguments.dev
    home = HOME / (f"tried-{n}" if tried else f"{n}")
    families = (arguments.family,) if arguments.family else FAMILIES
    systems: dict[str, dict[str, Any]] = {}
    gains = {}
    with environment(NEWSDESK_CACHE=str(home / "cache")):
        names = {"linear": "linear"} | {family: family for family in families}
        if not arguments.larger:
            names |= {f"{family}-plain": family for family in families}
        for system, family in names.items():
            pairs = () if family == "linear" else tuple(arguments.set)
            if arguments.larger:
                pairs = (*FEWER_EPOCHS.get(family, ()), *pairs)
            fit = partial(
                in_child,
                partial(
                    trained,
                    family,
                    n,
                    str(home / system),
                    pairs,
                    pretrained=system in FAMILIES,
                    on_dev=arguments.dev,
                ),
            )
            systems[system] = fit() if tried else benchmark.once(system, fit)
        for family in families:
            ask = partial(one_text, home / family / "bundle")
            systems[family] |= ask() if tried else benchmark.once(f"{family}, one text", ask)
            if f"{family}-plain" in systems:
                gains[family] = compared(home, n, family, on_dev=arguments.dev)
    show(systems, [*QUALITY, "minutes", "one_text_ms", "bundle_mb"])
    gates = gates_of(systems, gains, families, minutes)
    show_gates(gates)
    results = {"n_rows": n, "systems": systems, "gains": gains, "gates": gates}
    rows = Rows.load("huffpost", None, labels="huffpost-34")
    if arguments.record is not False:
        benchmark.finish(results, data=rows.facts, peers=["torch"])


if __name__ == "__main__":
    main()
