"""Count how often 95 % intervals hold the truth.

Simulates test sets from populations whose metrics are known exactly and counts how often each
interval of `newsdesk.evaluation.metrics.measure` holds the true value. The populations are those of
a real classifier's probabilities: classes as unequal as in news, the posterior of a Gaussian class
model sharpened a little so that it is not perfectly calibrated.

Run: ``python benchmarks/interval_coverage.py`` (about ten minutes on two cores).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.evaluation.intervals import wilson
from newsdesk.evaluation.metrics import measure
from newsdesk.evaluation.terms import Terms
from newsdesk.types import Floats, Indices, LabelSet
from record import record

N_WILSON = 20_000
N_REPLICATES = 2000
N_POPULATION = 200_000


@dataclass(frozen=True)
class Setting:
    """One population and how test sets are drawn from it."""

    name: str
    k: int
    n: int
    signal: float
    """Distance of a class's mean from the others, in standard deviations."""
    imbalance: float
    """The i-th class has a share in proportion to ``i ** -imbalance``."""
    sharpening: float = 1.15
    copies: tuple[int, ...] = (1,)
    """How many copies a drawn row is repeated in, each with equal chance."""


SETTINGS = (
    Setting("5 classes, few errors", 5, 445, 3.4, 0.1),
    Setting("5 classes", 5, 445, 2.4, 0.3),
    Setting("2 classes, small", 2, 100, 1.5, 0.8, sharpening=1.0),
    Setting("34 unequal classes", 34, 2000, 2.35, 0.9),
    Setting("34 classes, some very rare", 34, 2000, 2.35, 1.6),
    Setting("34 unequal classes, large", 34, 20086, 2.35, 0.9),
    Setting("5 classes, one row in four repeated", 5, 600, 2.4, 0.3, copies=(1, 1, 1, 3)),
    Setting("34 classes, half of the rows repeated", 34, 3000, 2.35, 0.9, copies=(1, 2)),
)


def coverage_of_wilson(rng: np.random.Generator) -> list[dict[str, float]]:
    rows = []
    for n in (20, 100, 445, 2000, 20086):
        for p in (0.1, 0.5, 0.69, 0.9, 0.98):
            held = 0
            draws = Counter(rng.binomial(n, p, N_WILSON).tolist())
            for successes, times in draws.items():
                low, high = wilson(successes, n)
                held += times if low <= p <= high else 0
            rows.append({"n": n, "p": p, "coverage": held / N_WILSON})
    return rows


def population(setting: Setting, rng: np.random.Generator) -> tuple[Floats, Indices]:
    prior = np.arange(1, setting.k + 1) ** -setting.imbalance
    prior /= prior.sum()
    y = rng.choice(setting.k, size=N_POPULATION, p=prior)
    features = rng.normal(size=(N_POPULATION, setting.k)).astype(np.float32)
    features[np.arange(N_POPULATION), y] += setting.signal
    logits = setting.sharpening * (setting.signal * features + np.log(prior))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32), y


def coverage(setting: Setting) -> dict[str, Any]:
    rng = np.random.default_rng([0, SETTINGS.index(setting)])
    proba, y = population(setting, rng)
    terms = Terms(proba, y)
    ones = np.ones(len(y))
    truth = terms.measure(ones)[0] | {"ece": float(np.abs(terms.gaps(ones)).sum())}
    hits, support, predicted = terms.counts(ones)
    class_truth = 2 * hits / (support + predicted)
    labels = LabelSet([f"class {index}" for index in range(setting.k)])
    held: Counter[str] = Counter()
    width: defaultdict[str, float] = defaultdict(float)
    class_held = class_total = 0
    for replicate in range(N_REPLICATES):
        rows, clusters = draw(setting, rng)
        found = measure(proba[rows], y[rows], labels, clusters=clusters, seed=replicate)
        for name, (low, high) in found.intervals.items():
            held[name] += low <= truth[name] <= high
            width[name] += high - low
        for item, value in zip(found.per_class, class_truth.tolist(), strict=True):
            class_held += item.interval[0] <= value <= item.interval[1]
            class_total += 1
    return {
        "setting": asdict(setting),
        "n_replicates": N_REPLICATES,
        "standard_error": round((0.95 * 0.05 / N_REPLICATES) ** 0.5, 4),
        "truth": truth,
        "coverage": {name: held[name] / N_REPLICATES for name in width}
        | {"f1 per class": class_held / class_total},
        "mean_width": {name: total / N_REPLICATES for name, total in width.items()},
    }


def draw(setting: Setting, rng: np.random.Generator) -> tuple[Indices, NDArray[np.int64] | None]:
    n_distinct = round(setting.n / np.mean(setting.copies))
    rows = rng.integers(0, N_POPULATION, n_distinct)
    if setting.copies == (1,):
        return rows, None
    copies = rng.choice(setting.copies, size=n_distinct)
    return np.repeat(rows, copies), np.repeat(np.arange(n_distinct), copies)


def main() -> None:
    wilson_rows = coverage_of_wilson(np.random.default_rng(0))
    for row in wilson_rows:
        print(f"Wilson n={row['n']:>6} p={row['p']:.2f}  {row['coverage']:.3f}")
    settings = []
    # The largest test sets first, so that no worker is left alone with them at the end.
    by_size = sorted(SETTINGS, key=lambda setting: -setting.n * setting.k)
    with ProcessPoolExecutor() as pool:
        for found in pool.map(coverage, by_size):
            settings.append(found)
            print(found["setting"]["name"], f"(true accuracy {found['truth']['accuracy']:.3f})")
            for name, share in found["coverage"].items():
                print(f"    {name:<20} {share:.3f}")
    print(record("interval_coverage", {"wilson": wilson_rows, "measure": settings}))


if __name__ == "__main__":
    main()
