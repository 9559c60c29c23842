"""How fast texts become the lemmas of the published systems, and whether they are the same.

All HuffPost texts by newsdesk, beside plain spaCy (``nlp.pipe``, with the same filter) on a sample
of the same texts, on which both are compared word for word. Each runs in a process of its own; what
loading costs is stated apart.

Run: ``python benchmarks/lemmas.py`` (about a minute).
"""

from __future__ import annotations

import re
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from benchmark import Benchmark, flags
from child import in_child
from measuring import Rows, spread
from show import at_least, at_most, show, show_gates

N_RUNS = 3
N_PEER = 20_000
WORD = re.compile(r"(?u)\b\w\w+\b")


def published_pipeline() -> Any:  # noqa: ANN401  untyped library
    """The pipeline of the published systems."""
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    return nlp


def published_lemmas(nlp: Any, texts: list[str]) -> list[str]:  # noqa: ANN401  untyped library
    """The lemmas of each text, joined by blanks."""
    ascii_texts = (text.lower().encode("ascii", "ignore").decode() for text in texts)
    return [
        " ".join(
            token.lemma_
            for token in doc
            if token.is_alpha and not token.is_stop and not token.like_num
        )
        for doc in nlp.pipe(ascii_texts)
    ]


def sample(rows: int | None) -> list[str]:
    texts: list[str] = Rows.load("huffpost", rows).corpus.documents.texts.to_pylist()
    chosen = np.random.default_rng(0).permutation(len(texts))[:N_PEER]
    return [texts[number] for number in chosen.tolist()]


def ours(rows: int | None) -> dict[str, Any]:
    from newsdesk.features.lemmas import lemmatiser

    texts = Rows.load("huffpost", rows).corpus.documents.texts.to_pylist()
    start = perf_counter()
    found = lemmatiser()
    loaded = perf_counter()
    n_words = sum(map(len, found.apply(texts)))
    seconds = perf_counter() - loaded
    return {
        "n": len(texts),
        "n_words": n_words,
        "load_seconds": loaded - start,
        "seconds": seconds,
        "per_second": len(texts) / seconds,
    }


def peer(rows: int | None) -> dict[str, Any]:
    from newsdesk.features.lemmas import lemmatiser

    texts = sample(rows)
    start = perf_counter()
    nlp = published_pipeline()
    loaded = perf_counter()
    lemmas = published_lemmas(nlp, texts)
    seconds = perf_counter() - loaded
    words = [WORD.findall(text.lower()) for text in lemmas]
    equal = sum(map(list.__eq__, words, lemmatiser().apply(texts)))
    return {
        "n": len(texts),
        "load_seconds": loaded - start,
        "seconds": seconds,
        "per_second": len(texts) / seconds,
        "equal": equal,
    }


def main() -> None:
    benchmark = Benchmark("lemmas", flags(__doc__).parse_args())
    runs: dict[str, list[dict[str, Any]]] = {"newsdesk": [], "spaCy, nlp.pipe": []}
    for repeat in range(1, N_RUNS + 1):
        for (name, found), measure in zip(runs.items(), (ours, peer), strict=True):
            work = partial(in_child, measure, benchmark.rows)
            found.append(benchmark.once(f"{name}, run {repeat}", work))
    systems = {}
    for name, found in runs.items():
        timed = spread([run["seconds"] for run in found])
        systems[name] = found[0] | timed | {"per_second": found[0]["n"] / timed["seconds"]}
    mine, theirs = systems["newsdesk"], systems["spaCy, nlp.pipe"]
    mine["times_as_fast"] = mine["per_second"] / theirs["per_second"]
    show(systems, ["n", "seconds", "load_seconds", "per_second", "times_as_fast", "equal"])
    gates = [
        at_most("all texts, seconds", mine["seconds"], 60),
        at_least("texts with the words of plain spaCy", theirs["equal"], theirs["n"]),
    ]
    show_gates(gates)
    benchmark.finish(
        {"systems": systems, "gates": gates},
        data={"name": "huffpost"},
        peers=["spacy", "spacy-lookups-data"],
    )


if __name__ == "__main__":
    main()
