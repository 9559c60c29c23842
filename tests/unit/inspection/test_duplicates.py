from __future__ import annotations

from collections.abc import Callable

import numpy as np

from newsdesk.data.corpus import Corpus
from newsdesk.inspection.duplicates import Duplicates, find, find_leaks
from newsdesk.types import Indices

Make = Callable[..., Corpus]

ROWS = [
    ("A", "rates rise"),
    ("A", "goal"),
    ("A", "rates rise"),
    ("B", "rates rise"),
    ("B", "alone"),
    ("B", ""),
    ("A", ""),
    ("B", "goal!"),
]
EXACT = np.array([0, 1, 0, 0, 2, 3, 3, 4])
NEAR = np.array([0, 1, 0, 0, 2, 3, 3, 1])


def described(corpus: Corpus, clusters: Indices, most: int = 5) -> Duplicates:
    with_text = np.array([bool(text) for text in corpus.documents.texts.to_pylist()])
    return find(corpus, clusters, with_text, most)


def test_rows_of_equal_texts_are_counted(make: Make) -> None:
    found = described(make(ROWS), EXACT)
    assert (found.n_clusters, found.n_rows, found.n_surplus) == (1, 3, 2)
    assert (found.n_conflicts, found.n_conflicting_rows, found.n_contradicted) == (1, 3, 1)
    assert found.sizes == ((2, 0), (3, 1))


def test_near_duplicates_show_how_they_differ(make: Make) -> None:
    found = described(make(ROWS), NEAR)
    assert (found.n_clusters, found.n_surplus, found.n_conflicts) == (2, 3, 2)
    first, second = found.largest
    assert first.labels == (("A", 2), ("B", 1))
    assert [example.id for example in first.examples] == ["0"]
    assert [example.text for example in second.examples] == ["goal", "goal!"]


def test_rows_without_text_are_no_duplicates(make: Make) -> None:
    found = described(make([("A", ""), ("B", ""), ("B", "goal")]), np.array([0, 0, 1]))
    assert (found.n_clusters, found.n_surplus, found.sizes) == (0, 0, ())
    assert found.largest == found.conflicts == ()


def test_only_the_largest_are_shown(make: Make) -> None:
    rows = [("A", f"text {i}") for i in range(9) for _ in range(2 + i % 3)]
    corpus = make(rows)
    found = described(corpus, corpus.duplicate_clusters, most=3)
    assert [cluster.n_rows for cluster in found.largest] == [4, 4, 4]
    assert found.n_clusters == 9
    assert found.conflicts == ()


def test_clusters_are_counted_by_size(make: Make) -> None:
    sizes = [2, 2, 3, 4, 5, 9, 10, 250]
    corpus = make([("A", f"text {i}") for i, n in enumerate(sizes) for _ in range(n)])
    found = described(corpus, corpus.duplicate_clusters)
    assert found.sizes == (
        *((2, 2), (3, 1), (4, 1), (5, 2), (10, 1)),
        *((20, 0), (50, 0), (100, 1)),
    )


def test_test_rows_that_stand_in_train_are_counted(make: Make) -> None:
    corpus = make([("A", text) for text in ("one two three", "other", "one two three", "new")])
    found = find_leaks(corpus, np.array([2, 3]))
    assert (found.n_test, found.n_exact) == (2, 1)
    assert found.n_near >= 1
