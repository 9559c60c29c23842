"""What the published token filter is worth: look-up lemmas, stop words, ASCII alone.

Family ``tfidf-svm`` is trained on the train rows of HuffPost-34 with parts of its token filter left
out, and measured on the valid rows; the test rows are never looked at. The differences to the
published filter come with their 95 % intervals from the paired comparison. The seconds hold the
reading of the words.

Run: ``python benchmarks/token_filter.py`` (about four minutes on two cores).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from benchmark import Benchmark, flags
from measuring import Rows, against, quality
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
    from newsdesk.bundle import default_params
    from newsdesk.config import decode

    params = decode(type(default_params(FAMILY)), settings, where=FAMILY)
    timed = rows.fit(params, family=FAMILY, refit=False)
    proba = timed.fitted.valid_proba
    found = quality(rows.corpus, rows.split.valid, proba, n_bootstrap=N_BOOTSTRAP)
    return found | {"seconds": timed.seconds}, proba


def measure(rows: Rows, settings: dict[str, Any], published: Floats) -> dict[str, Any]:
    """Train with some settings, and compare with the probabilities of the published ones."""
    found, proba = fit(rows, settings)
    names = "this", "published"
    return found | against(
        rows.corpus, rows.split.valid, proba, published, names=names, n_bootstrap=N_BOOTSTRAP
    )


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
