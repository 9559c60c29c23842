"""Near-duplicates: exact copies are together, order decides no more than the numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.features.near_duplicates import find_clusters, find_exact, find_pairs
from newsdesk.types import Documents, Indices, string_array

WORDS = st.sampled_from([*"abcde", "up", "é", "新", "聞", "12", "13", "wort", "слово", "…", ""])
TEXTS = st.lists(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30), max_size=25)


def partition(clusters: Indices, order: Indices) -> set[frozenset[int]]:
    """Which of the original rows stand together."""
    return {
        frozenset(order[np.flatnonzero(clusters == number)].tolist())
        for number in np.unique(clusters)
    }


def documents_of(texts: list[str]) -> Documents:
    return Documents.from_texts(string_array(texts))


@given(texts=TEXTS)
def test_exact_copies_share_a_cluster_and_numbers_ascend(texts: list[str]) -> None:
    documents = documents_of(texts)
    near, exact = find_clusters(documents), find_exact(documents)
    assert len(near) == len(texts)
    for number in np.unique(exact):
        assert len(set(near[exact == number])) == 1
    first = np.unique(near, return_index=True)[1]
    assert np.unique(near).tolist() == list(range(len(first)))
    assert (np.diff(first) > 0).all()


@given(texts=TEXTS, seed=st.integers(0, 99))
def test_clusters_do_not_depend_on_the_order_of_the_documents(texts: list[str], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(texts))
    clusters = find_clusters(documents_of(texts))
    shuffled = find_clusters(documents_of([texts[row] for row in order]))
    assert partition(clusters, np.arange(len(texts))) == partition(shuffled, order)


@given(texts=TEXTS)
def test_clusters_are_what_the_pairs_join(texts: list[str]) -> None:
    documents = documents_of(texts)
    joined = np.arange(len(texts))
    pairs = find_pairs(documents)
    for first, second in pairs.rows.tolist():
        joined[joined == joined[second]] = joined[first]
    rows = np.arange(len(texts))
    assert partition(joined, rows) == partition(find_clusters(documents), rows)
    assert ((pairs.similarity >= 0.7) & (pairs.similarity <= 1)).all()


@given(texts=st.lists(st.text(alphabet="abcé新 1.", max_size=40), min_size=1, max_size=10))
def test_case_alone_parts_no_texts(texts: list[str]) -> None:
    both = [*texts, *(text.upper() for text in texts)]
    clusters = find_clusters(documents_of(both))
    words = [any(char.isalnum() for char in text) for text in texts]
    same = clusters[: len(texts)] == clusters[len(texts) :]
    assert same[np.array(words)].all()
