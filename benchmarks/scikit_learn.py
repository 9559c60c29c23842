"""How much faster newsdesk's fit is than scikit-learn's, at which quality.

Two comparisons on HuffPost-34, all in one process, the systems taking turns:

- The published pipeline: TfidfVectorizer and CalibratedClassifierCV(LinearSVC, cv=3), against the
  whole of `Bundle.fit`: train, calibrate on held-out rows, refit. Both learn from the same rows.
- One plain fit: TfidfVectorizer and LinearSVC, against family linear alone, on the same texts, the
  fields not told apart.

Kernels are compiled before; that time is stated apart. Texts are given to scikit-learn as Python
strings, made before its clock starts.

Run: ``python benchmarks/scikit_learn.py`` (about seven minutes on two cores).
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from benchmark import Benchmark, flags
from child import environment
from measuring import Rows, columns_of, spread
from show import Gate, at_least, at_most, show, show_gates

N_RUNS = 3
COLUMNS = (
    "seconds",
    "times_2_threads",
    "times_1_thread",
    "accuracy",
    "macro_f1",
    "top_3_accuracy",
    "ece",
)
"""``times_…``: how many times as long as newsdesk on so many threads."""


def published_pipeline(n_jobs: int | None) -> Any:  # noqa: ANN401  untyped library
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, max_df=0.9, sublinear_tf=True)
    return make_pipeline(words, CalibratedClassifierCV(LinearSVC(C=0.5), cv=3, n_jobs=n_jobs))


def plain_pipeline(tol: float) -> Any:  # noqa: ANN401  untyped library
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return make_pipeline(words, LinearSVC(C=0.5, tol=tol))


def fit_published(rows: Rows, n_jobs: int | None) -> dict[str, Any]:
    texts, y = rows.strings(rows.published_train), rows.corpus.y[rows.published_train]
    pipeline = published_pipeline(n_jobs)
    start = perf_counter()
    pipeline.fit(texts, y)
    seconds = perf_counter() - start
    found = pipeline.predict_proba(rows.strings(rows.split.test))
    proba = columns_of(found, pipeline.classes_, len(rows.corpus.labels))
    return {"seconds": seconds} | rows.test_quality(proba)


def fit_bundle(rows: Rows, n_threads: int) -> dict[str, Any]:
    with environment(NEWSDESK_THREADS=str(n_threads)):
        timed = rows.fit()
    proba = timed.fitted.bundle.predict(rows.documents(rows.split.test)).proba
    return {"seconds": timed.seconds, "stages": timed.fitted.seconds} | rows.test_quality(proba)


def fit_plain(rows: Rows, tol: float) -> dict[str, Any]:
    texts, y = rows.strings(rows.published_train), rows.corpus.y[rows.published_train]
    pipeline = plain_pipeline(tol)
    start = perf_counter()
    words = pipeline[0].fit_transform(texts)
    vectorised = perf_counter()
    pipeline[1].fit(words, y)
    end = perf_counter()
    found = pipeline.decision_function(rows.strings(rows.split.test))
    margins = columns_of(found, pipeline.classes_, len(rows.corpus.labels))
    stages = {"vectorise": vectorised - start, "fit": end - vectorised}
    return {"seconds": end - start, "stages": stages} | ranking(rows, margins)


def fit_linear(rows: Rows, n_threads: int) -> dict[str, Any]:
    from newsdesk.models.linear import Linear, LinearParams
    from newsdesk.types import Documents, Silent

    def texts(chosen: Any) -> Documents:  # noqa: ANN401
        return Documents.from_texts(rows.documents(chosen).texts)

    documents, y = texts(rows.published_train), rows.corpus.y[rows.published_train]
    with environment(NEWSDESK_THREADS=str(n_threads)):
        start = perf_counter()
        model = Linear(LinearParams(fields="together", C=0.5)).fit(
            documents,
            y,
            n_classes=len(rows.corpus.labels),
            valid=None,
            rng=np.random.default_rng(0),
            progress=Silent(),
        )
        seconds = perf_counter() - start
    return {"seconds": seconds} | ranking(rows, model.decision(texts(rows.split.test)).values)


def ranking(rows: Rows, margins: Any) -> dict[str, Any]:  # noqa: ANN401
    """Quality of margins, without the metrics that only probabilities have."""
    from newsdesk.predictions import softmax

    found = rows.test_quality(softmax(margins))
    for name in ("ece", "log_loss"):
        del found[name], found["intervals"][name]
    return found


def taking_turns(
    benchmark: Benchmark,
    ours: dict[str, Callable[[], dict[str, Any]]],
    peers: dict[str, Callable[[], dict[str, Any]]],
) -> dict[str, dict[str, Any]]:
    """Run ours (on two threads and on one) several times and each peer once, between our runs."""
    waiting = list(peers.items())
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in ours}
    found: dict[str, dict[str, Any]] = {}
    for repeat in range(1, N_RUNS + 1):
        for name, measure in ours.items():
            runs[name].append(benchmark.once(f"{name}, run {repeat}", measure))
        for name, measure in waiting[repeat - 1 : repeat]:
            found[name] = benchmark.once(name, measure)
    summaries = {
        name: several[0] | spread([run["seconds"] for run in several])
        for name, several in runs.items()
    }
    systems = summaries | found
    two, one = (summaries[name]["seconds"] for name in ours)
    return {
        name: run
        | {"times_2_threads": run["seconds"] / two, "times_1_thread": run["seconds"] / one}
        for name, run in systems.items()
    }


def gates(whole: dict[str, dict[str, Any]], plain: dict[str, dict[str, Any]]) -> list[Gate]:
    ours, peer = plain["newsdesk, plain fit, 2 threads"], plain["scikit-learn, plain"]
    return [
        at_least(
            "published pipeline: times faster",
            whole["scikit-learn, published"]["times_2_threads"],
            10,
        ),
        at_least("plain fit: times faster", peer["times_2_threads"], 10),
        at_most(
            "plain fit: difference in accuracy", abs(ours["accuracy"] - peer["accuracy"]), 0.003
        ),
        at_most("plain fit: seconds (goal)", ours["seconds"], 3),
    ]


def main() -> None:
    from newsdesk.bundle import warm_up

    benchmark = Benchmark("scikit_learn", flags(__doc__).parse_args())
    rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
    compile_seconds = warm_up("linear")
    whole = taking_turns(
        benchmark,
        {
            "newsdesk, whole fit, 2 threads": lambda: fit_bundle(rows, 2),
            "newsdesk, whole fit, 1 thread": lambda: fit_bundle(rows, 1),
        },
        {
            "scikit-learn, published": lambda: fit_published(rows, None),
            "scikit-learn, published, n_jobs=2": lambda: fit_published(rows, 2),
        },
    )
    plain = taking_turns(
        benchmark,
        {
            "newsdesk, plain fit, 2 threads": lambda: fit_linear(rows, 2),
            "newsdesk, plain fit, 1 thread": lambda: fit_linear(rows, 1),
        },
        {
            "scikit-learn, plain": lambda: fit_plain(rows, 1e-4),
            "scikit-learn, plain, tol=0.1": lambda: fit_plain(rows, 0.1),
        },
    )
    for systems in (whole, plain):
        show(systems, COLUMNS)
    print(f"\ncompilation, cache full: {compile_seconds:.2f} s, not counted above")
    checked = gates(whole, plain)
    show_gates(checked)
    benchmark.finish(
        {
            "compile_seconds": compile_seconds,
            "published pipeline": whole,
            "plain fit": plain,
            "gates": checked,
        },
        data=rows.facts,
    )


if __name__ == "__main__":
    main()
