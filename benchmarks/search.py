"""How long the published grid takes with family linear, and how that compares with GridSearchCV.

The published grid: word n-grams (1, 2) and (1, 3), six values of C, five folds: 60 fits. Three
questions on HuffPost-34, published split; the folds are dealt from the published train rows.

- The whole search as a user runs it, on all rows: reading, near-duplicates, 60 fits with a journal
  that is written through to the disk after each, and the training of the best setting.
- The 60 fits alone on a sample of rows, beside scikit-learn's GridSearchCV over TfidfVectorizer and
  LinearSVC on the same texts and folds with two processes. Both take turns in one run; the fields
  are not told apart, which scikit-learn's pipeline could not do.
- The same fits without sharing anything: every fit from the texts and from zero. Warm starts stop
  at other points near the optimum; the differences in macro-F1 show how near.

Run: ``python benchmarks/search.py`` (about twelve minutes on two cores).
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from benchmark import Benchmark, flags
from measuring import Rows, spread
from show import Gate, at_least, at_most, show, show_gates

N_SAMPLE = 30_000
N_FOLDS = 5
N_RUNS = 3
COLUMNS = ("seconds", "fit_seconds", "best_mean_macro_f1", "test_macro_f1", "test_accuracy")
SAMPLE_COLUMNS = ("seconds", "times", "best_mean_macro_f1", "largest_difference")


def whole_search(rows: int | None) -> dict[str, Any]:
    """Run the search as the command line does; gives times, the best setting and every mean."""
    from newsdesk.search import search

    with TemporaryDirectory() as folder:
        start = perf_counter()
        found = search("huffpost", labels="huffpost-34", rows=rows, out=Path(folder) / "search")
        seconds = perf_counter() - start
    test = found.run.metrics
    return {
        "seconds": seconds,
        "fit_seconds": sum(score.seconds for score in found.scores),
        "n_rows": found.n_rows,
        "best": found.best.setting.name,
        "best_mean_macro_f1": found.best.mean,
        "simplest_within_one_standard_error": found.simplest.setting.name,
        "test_macro_f1": test.macro_f1,
        "test_macro_f1_interval": test.intervals["macro_f1"],
        "test_accuracy": test.accuracy,
        "settings": found.table,
    }


class Sample:
    """Some of the published train rows in folds, for all systems the same."""

    def __init__(self, rows: Rows) -> None:
        from newsdesk.bundle.folds import deal
        from newsdesk.search.grid import read_grid
        from newsdesk.types import Documents

        train = rows.published_train
        rng = np.random.default_rng(0)
        chosen = np.sort(rng.choice(train, min(N_SAMPLE, len(train)), replace=False))
        self.documents = Documents.from_texts(rows.documents(chosen).texts)
        self.strings = rows.strings(chosen)
        self.y = rows.corpus.y[chosen]
        self.labels = rows.corpus.labels
        self.n_classes = len(self.labels)
        self.fold = deal(self.y, rows.corpus.duplicate_clusters[chosen], n_folds=N_FOLDS, seed=0)
        self.grid = read_grid("linear", n_folds=N_FOLDS)

    def newsdesk(self) -> dict[str, Any]:
        """All fits as a search does them."""
        from newsdesk.search.fitting import Fitting
        from newsdesk.search.result import settled
        from newsdesk.types import Silent

        fitting = Fitting(self.grid, self.documents, self.y, self.fold, self.labels, 0, Silent())
        start = perf_counter()
        fits = list(fitting.scores(()))
        seconds = perf_counter() - start
        means = {score.setting.name: score.mean for score in settled(self.grid, fits)}
        return {"seconds": seconds, "means": means}

    def from_zero(self) -> dict[str, Any]:
        """Every fit alone, with all threads on it."""
        from newsdesk.models.linear import Linear
        from newsdesk.models.quality import quality
        from newsdesk.types import Silent

        start = perf_counter()
        means = {}
        for setting in self.grid.settings:
            found = []
            for number in range(N_FOLDS):
                train, held_out = (np.flatnonzero(mask) for mask in self._parts(number))
                model = Linear(setting.params).fit(
                    self.documents.take(train),
                    self.y[train],
                    n_classes=self.n_classes,
                    valid=None,
                    rng=np.random.default_rng(0),
                    progress=Silent(),
                )
                said = model.decision(self.documents.take(held_out)).values.argmax(axis=1)
                found.append(quality(said, self.y[held_out], self.n_classes)[0])
            means[setting.name] = float(np.mean(found))
        return {"seconds": perf_counter() - start, "means": means}

    def _parts(self, number: int) -> tuple[Any, Any]:
        return self.fold != number, self.fold == number

    def scikit_learn(self) -> dict[str, Any]:
        """GridSearchCV over the same grid, texts and folds."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.model_selection import GridSearchCV, PredefinedSplit
        from sklearn.pipeline import Pipeline
        from sklearn.svm import LinearSVC

        words = TfidfVectorizer(min_df=2, sublinear_tf=True)
        search = GridSearchCV(
            Pipeline([("words", words), ("svm", LinearSVC())]),
            {
                "words__ngram_range": [tuple(pair) for pair in self.grid.values["word_ngrams"]],
                "svm__C": list(self.grid.values["C"]),
            },
            scoring="f1_macro",
            cv=PredefinedSplit(self.fold),
            n_jobs=2,
            refit=False,
        )
        start = perf_counter()
        search.fit(self.strings, self.y)
        seconds = perf_counter() - start
        names = {
            (setting.params.word_ngrams, setting.params.C): setting.name
            for setting in self.grid.settings
        }
        means = {
            names[params["words__ngram_range"], params["svm__C"]]: float(mean)
            for params, mean in zip(
                search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
            )
        }
        return {"seconds": seconds, "means": means}


def side_by_side(benchmark: Benchmark, sample: Sample) -> dict[str, dict[str, Any]]:
    """Run ours several times and the others once, between our runs."""
    others = {
        "scikit-learn, n_jobs=2": sample.scikit_learn,
        "every fit from zero": sample.from_zero,
    }
    waiting = list(others.items())
    runs, found = [], {}
    for repeat in range(1, N_RUNS + 1):
        runs.append(benchmark.once(f"60 fits, run {repeat}", sample.newsdesk))
        for name, measure in waiting[repeat - 1 : repeat]:
            found[name] = benchmark.once(name, measure)
    ours = runs[0] | spread([run["seconds"] for run in runs])
    systems = {"newsdesk": ours} | found
    return {
        name: run
        | {
            "times": run["seconds"] / ours["seconds"],
            "best_mean_macro_f1": max(run["means"].values()),
            "largest_difference": max(
                abs(mean - ours["means"][setting]) for setting, mean in run["means"].items()
            ),
        }
        for name, run in systems.items()
    }


def gates(whole: dict[str, Any], sample: dict[str, dict[str, Any]]) -> list[Gate]:
    ours, peer = sample["newsdesk"], sample["scikit-learn, n_jobs=2"]
    return [
        at_most("the whole search on all rows: seconds", whole["seconds"], 240),
        at_least("60 fits on the sample: times faster", peer["times"], 10),
        at_most(
            "best mean macro-F1: difference to scikit-learn",
            abs(ours["best_mean_macro_f1"] - peer["best_mean_macro_f1"]),
            0.01,
        ),
        at_most(
            "mean macro-F1: largest difference to fits from zero",
            sample["every fit from zero"]["largest_difference"],
            0.01,
        ),
    ]


def main() -> None:
    from newsdesk.bundle import warm_up

    benchmark = Benchmark("search", flags(__doc__).parse_args())
    rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
    compile_seconds = warm_up("linear")
    whole = benchmark.once("the whole search", lambda: whole_search(benchmark.rows))
    sample = Sample(rows)
    systems = side_by_side(benchmark, sample)
    show({"the whole search": whole}, COLUMNS)
    print(
        f"\nbest: {whole['best']}; within one standard error: "
        f"{whole['simplest_within_one_standard_error']}"
    )
    show(systems, SAMPLE_COLUMNS)
    checked = gates(whole, systems)
    show_gates(checked)
    benchmark.finish(
        {
            "compile_seconds": compile_seconds,
            "whole": whole,
            "n_sample": len(sample.y),
            "sample": systems,
            "gates": checked,
        },
        data=rows.facts,
    )


if __name__ == "__main__":
    main()
