"""How fast near-duplicates are found, how many of them, and how many found ones are some.

Searches all HuffPost rows (headline and description) in a process of its own; plants changed copies
of random rows and counts how many are found; reads ``results/near_duplicates_judged.json``, where a
reader judged pairs that were found, and refuses if other pairs are found now. datasketch, where it
is installed, searches a part of the rows beside it.

Run: ``python benchmarks/near_duplicates.py`` (about three minutes on two cores).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from benchmark import Benchmark, flags
from child import in_child
from measuring import spread
from record import RESULTS
from show import at_least, at_most, show, show_gates

if TYPE_CHECKING:
    from newsdesk.types import Documents

N_RUNS = 3
N_PLANTED = 2000
N_JUDGED = 100
N_PEER = 20_000
N_TEMPLATED = 200_000
JUDGED = RESULTS / "near_duplicates_judged.json"


def documents_of(name: str, rows: int | None) -> Documents:
    from newsdesk.data.corpus import read_corpus

    return read_corpus(name, rows=rows).documents


def found_in(documents: Documents) -> dict[str, Any]:
    from newsdesk.features.near_duplicates import find_clusters, find_exact, warm_up
    from newsdesk.training.result import peak_rss_mb

    start = perf_counter()
    warm_up()
    compile_seconds = perf_counter() - start
    seconds = []
    for _ in range(N_RUNS):
        start = perf_counter()
        clusters = find_clusters(documents)
        seconds.append(perf_counter() - start)
    sizes, exact = np.bincount(clusters), np.bincount(find_exact(documents))
    return {
        "rows": len(documents),
        **spread(seconds),
        "compile_seconds": compile_seconds,
        "peak_rss_mb": peak_rss_mb(),
        "clusters": int((sizes > 1).sum()),
        "rows_in_clusters": int(sizes[sizes > 1].sum()),
        "rows_with_exact_copies": int(exact[exact > 1].sum()),
        "largest_cluster": int(sizes.max()),
    }


def search(rows: int | None) -> dict[str, Any]:
    return found_in(documents_of("huffpost", rows))


def search_templated(rows: int) -> dict[str, Any]:
    """Search texts of one frame, each with four words of its own."""
    from newsdesk.types import Documents

    rng = np.random.default_rng(0)
    own = rng.integers(0, 50_000, (rows, 4)).tolist()
    frame = "the weather for today and all that you need to know before you go"
    texts = [f"{frame} w{a}x w{b}x w{c}x w{d}x" for a, b, c, d in own]
    return found_in(Documents.from_texts(texts))


Fields = tuple[str, str]


def changes(vocabulary: list[str]) -> dict[str, Callable[[Fields, Any], Fields]]:
    """Ways to change a headline and its description."""

    def replace_word(fields: Fields, rng: Any) -> Fields:  # noqa: ANN401  NumPy's generator
        words = [field.split() for field in fields]
        n_first = len(words[0])
        place = int(rng.integers(n_first + len(words[1])))
        field, at = (0, place) if place < n_first else (1, place - n_first)
        words[field][at] = vocabulary[int(rng.integers(len(vocabulary)))]
        return " ".join(words[0]), " ".join(words[1])

    return {
        "one word replaced": replace_word,
        "(VIDEO) added": lambda fields, _rng: (f"{fields[0]} (VIDEO)", fields[1]),
        "upper case": lambda fields, _rng: (fields[0].upper(), fields[1].upper()),
        "title case": lambda fields, _rng: (fields[0].title(), fields[1].title()),
    }


def recall(rows: int | None) -> dict[str, dict[str, Any]]:
    """Share of planted copies that stand in the cluster of their original, one kind at a time."""
    from newsdesk.evaluation.intervals import wilson
    from newsdesk.features.near_duplicates import find_clusters
    from newsdesk.types import Documents, numbered, string_array

    documents = documents_of("huffpost", rows)
    columns = [column.to_pylist() for column in documents.fields.values()]
    texts: list[Fields] = list(zip(*columns, strict=True))
    vocabulary = sorted({word for fields in texts for field in fields for word in field.split()})
    found = {}
    for kind, change in changes(vocabulary).items():
        rng = np.random.default_rng(0)
        worded = [row for row, fields in enumerate(texts) if "".join(fields).split()]
        originals = rng.choice(worded, min(N_PLANTED, len(worded)), replace=False)
        planted = [change(texts[row], rng) for row in originals.tolist()]
        fields = {
            name: string_array(values)
            for name, values in zip(
                documents.fields, zip(*texts, *planted, strict=True), strict=True
            )
        }
        clusters = find_clusters(Documents(numbered(len(texts) + len(planted)), fields))
        hits = int((clusters[originals] == clusters[len(texts) :]).sum())
        low, high = wilson(hits, len(planted))
        found[kind] = {"planted": len(planted), "recall": hits / len(planted)} | {
            "low": low,
            "high": high,
        }
    return found


def precision(name: str) -> dict[str, Any]:
    """Shares of the verdicts; of pairs that were judged, how many are not found any more."""
    from newsdesk.evaluation.intervals import wilson
    from newsdesk.features.near_duplicates import find_exact, find_pairs

    documents = documents_of(name, None)
    pairs, exact = find_pairs(documents).rows, find_exact(documents)
    other = pairs[exact[pairs[:, 0]] != exact[pairs[:, 1]]]
    drawn = other
    if len(other) > N_JUDGED:
        drawn = np.sort(np.random.default_rng(0).choice(len(other), N_JUDGED, replace=False))
        drawn = other[drawn]
    judged = msgspec.json.decode(JUDGED.read_bytes())["sets"][name]["pairs"]
    now = {tuple(pair) for pair in drawn.tolist()}
    strange = now ^ {tuple(pair["rows"]) for pair in judged}
    if strange:
        raise SystemExit(
            f"{len(strange)} pairs of {name} are judged but not drawn, or drawn but not judged: "
            f"judge them anew in {JUDGED.name}."
        )
    counts = Counter(pair["verdict"] for pair in judged)
    n_same, n = counts["same"], len(judged)
    n_equal = n_same + counts["issue"]
    return {
        "found": len(pairs),
        "no_exact_copies": len(other),
        "judged": n,
        **counts,
        "precision": n_equal / n,
        "precision_interval": wilson(n_equal, n),
        "same_story": n_same / n,
        "same_story_interval": wilson(n_same, n),
    }


def search_part(rows: int) -> dict[str, Any]:
    from newsdesk.features.near_duplicates import find_pairs, warm_up

    documents = documents_of("huffpost", rows)
    warm_up()
    start = perf_counter()
    pairs = find_pairs(documents)
    return {"rows": rows, "seconds": perf_counter() - start, "pairs": len(pairs.rows)}


def search_peer(rows: int) -> dict[str, Any]:
    """Search with datasketch as its documentation shows it, on words, at the same threshold."""
    from datasketch import MinHash, MinHashLSH

    from newsdesk.features.near_duplicates import THRESHOLD

    texts = documents_of("huffpost", rows).texts.to_pylist()
    start = perf_counter()
    index = MinHashLSH(threshold=THRESHOLD, num_perm=128)
    pairs: set[tuple[int, int]] = set()
    for row, text in enumerate(texts):
        signature = MinHash(num_perm=128)
        signature.update_batch([word.encode() for word in set(text.casefold().split())])
        pairs.update((int(other), row) for other in index.query(signature))
        index.insert(str(row), signature)
    return {"rows": rows, "seconds": perf_counter() - start, "pairs": len(pairs)}


def main() -> None:
    benchmark = Benchmark("near_duplicates", flags(__doc__).parse_args())
    rows, smoke = benchmark.rows, benchmark.rows is not None
    n_templated = min(rows or N_TEMPLATED, N_TEMPLATED)
    systems = {
        "huffpost": benchmark.once("huffpost", partial(in_child, search, rows)),
        "one template": benchmark.once(
            "one template", partial(in_child, search_templated, n_templated)
        ),
    }
    show(systems, ["rows", "seconds", "peak_rss_mb", "clusters", "rows_in_clusters"])
    planted = benchmark.once("planted copies", partial(in_child, recall, rows))
    show(planted, ["planted", "recall", "low", "high"])
    gates = [
        at_most("seconds, huffpost", systems["huffpost"]["seconds"], 15),
        *(at_least(f"recall, {kind}", item["recall"], 0.95) for kind, item in planted.items()),
    ]
    results: dict[str, Any] = {"systems": systems, "recall": planted}
    if not smoke:
        results["precision"] = {name: precision(name) for name in ("huffpost", "bbc")}
        show(results["precision"], ["found", "judged", "precision", "same_story"])
    n_peer = min(rows or N_PEER, N_PEER)
    sides = {"newsdesk": partial(search_part, n_peer)}
    if find_spec("datasketch") is not None:
        sides["datasketch"] = partial(search_peer, n_peer)
    else:
        print("\ndatasketch is not installed: no comparison")
    results["peers"] = {
        name: benchmark.once(f"{name}, a part", partial(in_child, side))
        for name, side in sides.items()
    }
    show(results["peers"], ["rows", "seconds", "pairs"])
    show_gates(gates)
    results["gates"] = gates
    benchmark.finish(results, data={"name": "huffpost"}, peers=["datasketch"])


if __name__ == "__main__":
    main()
