"""How near the published TF-IDF systems newsdesk's families come, and what they cost.

- HuffPost-34, the published split: the families with their default settings, which are the
  published ones, through `newsdesk.train` (fit, calibrate on valid rows, refit), beside the
  published system built from plain spaCy and scikit-learn on the same rows, in the order in which
  the published split shuffled them. Nothing is tuned.
- The balanced set: 1,004 rows of each of the 34 classes, a random tenth for test.
- How fast ``tfidf-svm`` answers: one text and many, with and without spaCy's part.

``lemma_seconds`` is the first reading of all rows, ``fit_seconds`` all the rest of the fit; each
system runs in a process of its own.

Run: ``python benchmarks/baselines.py`` (about fourteen minutes on two cores).
"""

from __future__ import annotations

import warnings
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import Benchmark, flags
from child import in_child
from lemmas import published_lemmas, published_pipeline
from measuring import QUALITY, Rows, columns_of, quality
from show import Gate, at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.data.corpus import Corpus

FAMILIES = ("tfidf-logreg", "tfidf-svm", "tfidf-nb", "tfidf-mlp")
PER_CLASS = 1004
SEED = 42
PUBLISHED = {
    "full": {
        "tfidf-logreg": {"macro_f1": 0.5477, "top_3_accuracy": 0.8649},
        "tfidf-svm": {"macro_f1": 0.5632, "top_3_accuracy": 0.8640},
    },
    "balanced": {"tfidf-logreg": {"macro_f1": 0.540}, "tfidf-svm": {"macro_f1": 0.544}},
}
"""imadelh/NLP-news-classification, logs."""
BOUNDS = {"full": 0.005, "balanced": 0.02}
N_SINGLE = 2_000
N_BATCH_RUNS = 5
COLUMNS = (*QUALITY, "lemma_seconds", "fit_seconds", "seconds", "times")


def read(kind: str, rows: int | None) -> Corpus:
    from newsdesk.data.class_sizes import balance

    corpus = Rows.load("huffpost", rows, labels="huffpost-34").corpus
    if kind == "balanced":
        corpus = balance(corpus, PER_CLASS if rows is None else "smallest", SEED)
    return corpus


def split_of(kind: str) -> str:
    return "published" if kind == "full" else "random:0.1"


def ours(kind: str, family: str, rows: int | None) -> dict[str, Any]:
    import newsdesk
    from newsdesk.features.lemmas import lemmatiser

    corpus = read(kind, rows)
    start = perf_counter()
    lemmatiser().apply(corpus.documents.texts.to_pylist())
    lemma_seconds = perf_counter() - start
    run = newsdesk.train(corpus, family=family, split=split_of(kind), seed=SEED)
    result = run.results[0]
    return {
        **{name: getattr(result.test, name) for name in QUALITY},
        "intervals": {name: result.test.intervals[name] for name in QUALITY},
        "valid": {name: getattr(result.valid, name) for name in QUALITY},
        "lemma_seconds": lemma_seconds,
        "fit_seconds": result.costs.fit_seconds,
        "seconds": lemma_seconds + result.costs.fit_seconds,
        "peak_rss_mb": result.costs.peak_rss_mb,
        "rows": {part: len(getattr(run.split, part)) for part in ("train", "valid", "test")},
    }


def estimator(family: str) -> Any:  # noqa: ANN401  untyped library
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    if family == "tfidf-logreg":
        return LogisticRegression(C=5)
    return CalibratedClassifierCV(LinearSVC(C=0.5, random_state=0), cv=3)


def peer(kind: str, family: str, rows: int | None) -> dict[str, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import train_test_split

    corpus = read(kind, rows)
    train, test = train_test_split(np.arange(len(corpus)), test_size=0.1, random_state=SEED)
    if rows is None and corpus.published is not None and kind == "full":
        assert np.array_equal(np.sort(test), corpus.published), "not the published test rows"
    texts = corpus.documents.texts.to_pylist()
    start = perf_counter()
    lemmas = published_lemmas(published_pipeline(), texts)
    lemmatised = perf_counter()
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, max_df=0.9, sublinear_tf=True)
    features = words.fit_transform([lemmas[row] for row in train])
    vectorised = perf_counter()
    model = estimator(family)
    with warnings.catch_warnings():
        # Plain LogisticRegression stops after 100 steps of L-BFGS, short of the optimum.
        warnings.simplefilter("ignore")
        model.fit(features, corpus.y[train])
    end = perf_counter()
    found = model.predict_proba(words.transform([lemmas[row] for row in test]))
    proba = columns_of(found, model.classes_, len(corpus.labels))
    return quality(corpus, test, proba) | {
        "lemma_seconds": lemmatised - start,
        "vectorise_seconds": vectorised - lemmatised,
        "fit_seconds": end - lemmatised,
        "seconds": end - start,
    }


def serving(rows: int | None) -> dict[str, Any]:
    """Train ``tfidf-svm`` without refit and ask it."""
    from newsdesk.bundle import Bundle
    from newsdesk.features import lemmas
    from newsdesk.types import Documents

    known = Rows.load("huffpost", rows, labels="huffpost-34")
    train, test = known.documents(known.split.train), known.documents(known.split.test)
    valid = known.documents(known.split.valid), known.corpus.y[known.split.valid]
    y = known.corpus.y[known.split.train]
    fitted = Bundle.fit(
        train, y, labels=known.corpus.labels, valid=valid, family="tfidf-svm", refit=False
    )
    bundle = fitted.bundle
    texts = test.texts.slice(0, N_SINGLE).to_pylist()
    bundle.predict(test)  # from here on all stretches of the texts are known
    single = {
        "Bundle.predict": [clocked(bundle, Documents.from_texts([text])) for text in texts],
        "Bundle.predict, again": [clocked(bundle, Documents.from_texts([text])) for text in texts],
    }
    warm = [len(test) / clocked(bundle, test) for _ in range(N_BATCH_RUNS)]
    lemmas._lemmatiser.cache_clear()
    bundle.predict(Documents.from_texts(["spaCy is loaded with this text"]))
    cold = [clocked(bundle, Documents.from_texts([text])) for text in texts]
    lemmas._lemmatiser.cache_clear()
    bundle.predict(Documents.from_texts(["spaCy is loaded with this text"]))
    return {
        "single": {
            name: {
                "n": len(values),
                "median_us": float(np.median(values) * 1e6),
                "p99_us": float(np.quantile(values, 0.99) * 1e6),
            }
            for name, values in (single | {"with spaCy's part": cold}).items()
        },
        "batch": {
            "n": len(test),
            "per_second": float(np.median(warm)),
            "per_second_with_spacy": len(test) / clocked(bundle, test),
        },
    }


def clocked(bundle: Any, documents: Any) -> float:  # noqa: ANN401
    start = perf_counter()
    bundle.predict(documents)
    return perf_counter() - start


def gates(kind: str, systems: dict[str, dict[str, Any]]) -> list[Gate]:
    return [
        at_most(
            f"{kind}, {family}: {name} from the published {value:g}",
            abs(systems[family][name] - value),
            BOUNDS[kind],
        )
        for family, figures in PUBLISHED[kind].items()
        for name, value in figures.items()
    ]


def main() -> None:
    benchmark = Benchmark("baselines", flags(__doc__).parse_args())
    results: dict[str, Any] = {}
    checked: list[Gate] = []
    for kind in ("full", "balanced"):
        systems: dict[str, dict[str, Any]] = {}
        for family in FAMILIES:
            work = partial(in_child, ours, kind, family, benchmark.rows)
            systems[family] = benchmark.once(f"{kind}, {family}", work)
            if family in PUBLISHED[kind]:
                work = partial(in_child, peer, kind, family, benchmark.rows)
                found = benchmark.once(f"{kind}, scikit-learn as {family}", work)
                times = found["seconds"] / systems[family]["seconds"]
                systems[f"scikit-learn as {family}"] = found | {"times": times}
        show(systems, COLUMNS)
        results[kind] = systems
        checked += gates(kind, systems)
    served = benchmark.once("serving", partial(in_child, serving, benchmark.rows))
    show(served["single"], ["n", "median_us", "p99_us"])
    show({"batch": served["batch"]}, ["n", "per_second", "per_second_with_spacy"])
    checked += [
        at_most("tfidf-svm, one text, us", served["single"]["Bundle.predict"]["median_us"], 300),
        at_least("tfidf-svm, texts per second", served["batch"]["per_second"], 20_000),
    ]
    show_gates(checked)
    benchmark.finish(
        results | {"serving": served, "gates": checked},
        data={"name": "huffpost", "labels": "huffpost-34", "per_class": PER_CLASS},
        peers=["spacy", "spacy-lookups-data"],
    )


if __name__ == "__main__":
    main()
