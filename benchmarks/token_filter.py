"""What the published token filter is worth: look-up lemmas, stop words, ASCII alone.

Family ``tfidf-svm`` is trained on the train rows of HuffPost-34 with parts of its token filter left
out, and measured on the valid rows; the test rows are never looked at. The differences to the
published filter come with their 95 % intervals from the paired comparison. The seconds hold the
reading of the words.

Run: ``python benchmarks/token_filter.py`` (about four minutes on two cores).
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmark import Benchmark, flags
from measuring import Rows, quality
from show import show

if TYPE_CHECKING:
    from newsdesk.types import Floats

FAMILY = "tfidf-svm"
N_BOOTSTRAP = 200
PUBLISHED = "published: lemmas, no stop words"
SETTINGS: dict[str, dict[str, Any]] = {
    "lemmas, all words": {"drop_stop_words": False},
    "forms, no stop words": {"tokens": "forms"},
    "forms, all words": {"tokens": "forms", "drop_stop_words": False},
    "lemmas, no stop words, not ASCII alone": {"only_ascii": False},
    "words of linear": {"tokens": "words"},
}
SHOWN = ("accuracy", "macro_f1", "top_3_accuracy", "points", "p_value", "seconds")


def fit(rows: Rows, settings: dict[str, Any]) -> tuple[dict[str, Any], Floats]:
    """Train with some settings; give the measures and probabilities of the valid rows."""
    from newsdesk.bundle import Bundle, default_params
    from newsdesk.config import decode

    train, valid = rows.split.train, rows.split.valid
    y = rows.corpus.y
    params = decode(type(default_params(FAMILY)), settings, where=FAMILY)
    documents, held_out = rows.documents(train), rows.documents(valid)
    start = perf_counter()
    fitted = Bundle.fit(
        documents,
        y[train],
        labels=rows.corpus.labels,
        valid=(held_out, y[valid]),
        family=FAMILY,
        params=params,
        refit=False,
    )
    seconds = perf_counter() - start - fitted.seconds["cross_calibrate"]
    found = quality(rows.corpus, valid, fitted.valid_proba, n_bootstrap=N_BOOTSTRAP)
    return found | {"seconds": seconds}, fitted.valid_proba


def measure(rows: Rows, settings: dict[str, Any], published: Floats) -> dict[str, Any]:
    """Train with some settings, and compare with the probabilities of the published ones."""
    from newsdesk.evaluation.compare import compare

    found, proba = fit(rows, settings)
    valid = rows.split.valid
    accuracy, macro_f1 = compare(
        proba,
        published,
        rows.corpus.y[valid],
        names=("this", PUBLISHED),
        clusters=rows.corpus.duplicate_clusters[valid],
        n_bootstrap=N_BOOTSTRAP,
    )
    return found | {
        "points": 100 * accuracy.difference,
        "p_value": accuracy.p_value,
        "accuracy_against_published": asdict(accuracy),
        "macro_f1_against_published": asdict(macro_f1),
    }


def main() -> None:
    from newsdesk.bundle import warm_up

    benchmark = Benchmark("token_filter", flags(__doc__).parse_args())
    rows = Rows.load("huffpost", benchmark.rows, labels="huffpost-34")
    warm_up(FAMILY)
    # Not kept: the others are compared with its probabilities.
    print(f"{PUBLISHED} …", flush=True)
    found, published = fit(rows, {})
    systems = {PUBLISHED: found}
    for title, settings in SETTINGS.items():
        systems[title] = benchmark.once(title, partial(measure, rows, settings, published))
    show(systems, SHOWN)
    benchmark.finish(
        {"family": FAMILY, "systems": systems},
        data=rows.facts,
        peers=["spacy", "spacy-lookups-data"],
    )


if __name__ == "__main__":
    main()
