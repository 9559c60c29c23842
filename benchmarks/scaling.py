"""How time and memory of the fit grow with the rows: linearly, or worse.

Fits family linear with default settings on 0.2, 1 and 5 million rows, each in a process of its own.
The rows are HuffPost's train rows drawn with replacement. So that the vocabulary grows as that of
new rows would, every headline is given one made-up word drawn from a pool that grows by a word
every ten rows, and every second headline one that occurs nowhere else. A tenth of the rows is valid
and is drawn from other HuffPost rows than train. The fitted bundle is then measured on the
published test rows, to show that it is one.

The texts are built chunk by chunk as Arrow arrays and are in memory before the fit starts; the peak
of memory includes them.

Run: ``python benchmarks/scaling.py`` (about ten minutes on two cores, 16 GB of memory). A size
that would not fit into the memory at hand is left out and said so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import Benchmark, flags
from child import in_child
from measuring import Rows
from show import Gate, at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.types import Documents, Indices

SIZES = (200_000, 1_000_000, 5_000_000)
CHUNK = 100_000
FIRST_POOL = 1000
ROWS_PER_POOL_WORD = 10
VALID_SHARE = 0.1
LIMIT_GB = 16
BYTES_PER_ROW = 3000
"""What a fit is expected to need, texts included; only to leave out what cannot fit."""


class Stopwatch:
    """A `Progress` that adds up the wall time of each kind of work."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def task(self, name: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:  # noqa: ARG002
        """Time one piece of work."""
        start = perf_counter()
        yield lambda _done: None
        self.seconds[name] += perf_counter() - start


def draw(
    rows: Rows, source: Indices, numbers: range, rng: np.random.Generator
) -> tuple[Documents, Indices]:
    """Draw rows with replacement and add the noise words; `numbers` are the rows' positions."""
    import pyarrow as pa

    from newsdesk.types import Documents

    parts, drawn = [], []
    for first in range(numbers.start, numbers.stop, CHUNK):
        chunk = np.arange(first, min(first + CHUNK, numbers.stop))
        picked = rng.choice(source, len(chunk))
        drawn.append(rows.corpus.y[picked])
        parts.append(noisy(rows.documents(picked), chunk, rng))
    names = list(parts[0].fields)
    documents = Documents(
        ids=pa.concat_arrays([part.ids for part in parts]),
        fields={name: pa.concat_arrays([part.fields[name] for part in parts]) for name in names},
    )
    return documents, np.concatenate(drawn)


def noisy(documents: Documents, numbers: Indices, rng: np.random.Generator) -> Documents:
    import pyarrow as pa
    import pyarrow.compute as pc

    from newsdesk.types import Documents

    def words(prefix: str, values: Indices, where: Any = None) -> pa.LargeStringArray:  # noqa: ANN401
        digits = pc.cast(pa.array(values, mask=where), pa.large_string())
        empty = pa.scalar("", pa.large_string())
        return pc.binary_join_element_wise(pa.scalar(prefix, pa.large_string()), digits, empty)

    pool = (rng.random(len(numbers)) * (FIRST_POOL + numbers // ROWS_PER_POOL_WORD)).astype(int)
    headline, *others = documents.fields
    space = pa.scalar(" ", pa.large_string())
    noise = (words("pool", pool), words("once", numbers, numbers % 2 == 1))
    longer = pc.binary_join_element_wise(
        documents.fields[headline], *noise, space, null_handling="skip"
    )
    fields = {headline: longer} | {name: documents.fields[name] for name in others}
    return Documents(ids=pc.cast(pa.array(numbers), pa.large_string()), fields=fields)


def fit(n: int, real_rows: int | None) -> dict[str, Any]:
    from newsdesk.bundle import Bundle, default_params, plan, warm_up
    from newsdesk.training.result import peak_rss_mb

    compile_seconds = warm_up("linear")
    rows = Rows.load("huffpost", real_rows, labels="huffpost-34")
    rng = np.random.default_rng(0)
    n_train = n - int(n * VALID_SHARE)
    train, y = draw(rows, rows.split.train, range(n_train), rng)
    valid = draw(rows, rows.split.valid, range(n_train, n), rng)
    texts_mb = sum(column.nbytes for column in [*train.fields.values(), *valid[0].fields.values()])
    labels = rows.corpus.labels
    planned = plan("linear", default_params("linear"), train, len(labels))
    before_mb = peak_rss_mb()
    stopwatch = Stopwatch()
    start = perf_counter()
    fitted = Bundle.fit(train, y, labels=labels, valid=valid, progress=stopwatch)
    seconds = perf_counter() - start - fitted.seconds["cross_calibrate"]
    peak_mb = peak_rss_mb()
    proba = fitted.bundle.predict(rows.documents(rows.split.test)).proba
    right = proba.argmax(axis=1) == rows.corpus.y[rows.split.test]
    return {
        "rows": n,
        "seconds": seconds,
        "stages": fitted.seconds,
        "work": dict(stopwatch.seconds),
        "compile_seconds": compile_seconds,
        "texts_mb": texts_mb / 1e6,
        "peak_rss_mb_before": before_mb,
        "peak_rss_mb": peak_mb,
        "planned_mb": None if planned is None else planned / 1e6,
        "test_accuracy": float(right.mean()),
    }


def growth(runs: list[dict[str, Any]], name: str) -> dict[str, float]:
    """Fit a power law (least squares on the logarithms) and a line to how a number grows.

    What every process needs, whatever the rows, flattens the power law; so its exponent is also
    given for the step between the two largest sizes alone.
    """
    n = np.array([run["rows"] for run in runs], dtype=float)
    values = np.array([run[name] for run in runs])
    exponent, _ = np.polyfit(np.log(n), np.log(values), 1)
    slope, intercept = np.polyfit(n, values, 1)
    left = values - (slope * n + intercept)
    last = np.log(values[-1] / values[-2]) / np.log(n[-1] / n[-2])
    explained = 1 - float(left @ left) / float(((values - values.mean()) ** 2).sum())
    return {
        "exponent": float(exponent),
        "exponent_of_last_step": float(last),
        "per_million_rows": float(slope) * 1e6,
        "at_no_rows": float(intercept),
        "r_squared_of_line": explained,
    }


def gates(runs: list[dict[str, Any]], found: dict[str, dict[str, float]]) -> list[Gate]:
    exponents = {"exponent": "exponent", "exponent_of_last_step": "exponent of last step"}
    return [
        *(
            at_most(f"{of}: {what}", found[key][name], 1.1)
            for key, of in (("seconds", "seconds"), ("peak_rss_mb", "peak memory"))
            for name, what in exponents.items()
        ),
        at_least("largest size, million rows", runs[-1]["rows"] / 1e6, SIZES[-1] / 1e6),
        at_most("peak memory there, GB", runs[-1]["peak_rss_mb"] / 1e3, LIMIT_GB),
    ]


def main() -> None:
    from newsdesk.config import available_memory

    benchmark = Benchmark("scaling", flags(__doc__).parse_args())
    sizes, real_rows = SIZES, None
    if benchmark.rows is not None:
        sizes = (benchmark.rows // 25, benchmark.rows // 5, benchmark.rows)
        real_rows = benchmark.rows
    runs = []
    for n in sizes:
        free = available_memory()
        if free is not None and n * BYTES_PER_ROW > free:
            print(f"{n:,} rows are left out: {free / 1e9:.1f} GB of memory are available")
            continue
        runs.append(benchmark.once(f"{n:,} rows", partial(in_child, fit, n, real_rows)))
    if len(runs) < 2:
        raise SystemExit("growth needs two sizes at least: free some memory")
    lines = {
        f"{run['rows']:,} rows": run
        | {f"{name}_s": value for name, value in run["stages"].items()}
        | {f"{name}_s": value for name, value in run["work"].items()}
        for run in runs
    }
    stages = ["fit_s", "calibrate_s", "refit_s", "n-grams_s", "epochs_s"]
    memory = ["texts_mb", "peak_rss_mb_before", "peak_rss_mb", "planned_mb"]
    show(lines, ["seconds", *stages, *memory, "test_accuracy"])
    found = {name: growth(runs, name) for name in ("seconds", "peak_rss_mb")}
    show(
        found,
        [
            "exponent",
            "exponent_of_last_step",
            "per_million_rows",
            "at_no_rows",
            "r_squared_of_line",
        ],
    )
    checked = gates(runs, found)
    show_gates(checked)
    noise = "one word of a pool growing by a word every 10 rows; every 2nd row a word of its own"
    benchmark.finish(
        {"sizes": runs, "growth": found, "gates": checked},
        data={"name": "huffpost", "labels": "huffpost-34", "drawn": "with replacement"}
        | {"noise": noise, "seed": 0, "valid_share": VALID_SHARE},
    )


if __name__ == "__main__":
    main()
