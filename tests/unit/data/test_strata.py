from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.strata import stratified_rows
from newsdesk.types import Indices


def _corpus(labels: Any) -> Corpus:
    return read_corpus(pa.table({"text": [str(n) for n in range(len(labels))], "label": labels}))


def _drawn(labels: Any, share: float, clusters: Any = None, seed: int = 0) -> Indices:
    corpus = _corpus(labels)
    rows = np.arange(len(corpus))
    together = rows if clusters is None else np.array(clusters)
    return stratified_rows(corpus, rows, share, np.random.default_rng(seed), together)


def test_rows_keep_proportions_and_total() -> None:
    labels = ["A"] * 61 + ["B"] * 29 + ["C"] * 10
    drawn = _drawn(labels, 0.2)
    assert [labels[row] for row in sorted(drawn)] == ["A"] * 12 + ["B"] * 6 + ["C"] * 2
    assert len(set(drawn.tolist())) == 20


def test_the_last_row_of_a_class_is_never_taken() -> None:
    assert _drawn(["A", "B", "C", "C"], 0.9).tolist() in ([2], [3])


@pytest.mark.parametrize("seed", range(5))
def test_clusters_are_drawn_whole_and_in_their_share(seed: int) -> None:
    labels, clusters = ["A", "B"] * 150, np.arange(300) // 6 * 2 + np.arange(300) % 2
    drawn = _drawn(labels, 0.2, clusters, seed)
    assert set(np.bincount(clusters[drawn], minlength=100).tolist()) == {0, 3}
    assert [labels[row] for row in drawn.tolist()].count("A") == 30
    assert len(drawn) == 60


def test_a_cluster_counts_to_the_class_of_its_first_row() -> None:
    labels = ["A", "B", "A", "B"] + ["A"] * 8 + ["B"] * 8
    for seed in range(20):
        drawn = set(_drawn(labels, 0.2, [0, 0, 1, 1, *range(2, 18)], seed).tolist())
        assert (0 in drawn) == (1 in drawn)
        assert (2 in drawn) == (3 in drawn)
        # Two of ten rows counted to A; a cluster of both classes fills them.
        from_a = {row for row in drawn if row in (0, 1, 2, 3) or 4 <= row < 12}
        assert len(from_a) == 2


def test_a_class_whose_rows_all_count_to_another_keeps_one() -> None:
    labels = ["A", "B", "A", "B", *["A"] * 6]
    for seed in range(20):
        drawn = _drawn(labels, 0.8, [0, 0, 1, 1, *range(2, 8)], seed)
        assert {labels[row] for row in set(range(10)) - set(drawn.tolist())} == {"A", "B"}


def test_a_cluster_larger_than_the_share_stays_behind() -> None:
    drawn = _drawn(["A"] * 10 + ["B"] * 10, 0.2, [0] * 5 + list(range(1, 16)))
    assert not set(range(5)) & set(drawn.tolist())
    assert len(drawn) == 4


def test_without_clusters_the_draw_is_one_permutation() -> None:
    corpus = _corpus(["A", "B"] * 20)
    order = np.random.default_rng(3).permutation(40)
    expected = [row for row in order.tolist() if row % 2 == 0][:4]
    drawn = _drawn(["A", "B"] * 20, 0.2, seed=3)
    assert sorted(drawn[corpus.y[drawn] == 0].tolist()) == sorted(expected)


def test_nothing_is_drawn_where_every_class_has_one_cluster() -> None:
    assert _drawn(["A"] * 3 + ["B"] * 3, 0.3, [0] * 3 + [1] * 3).tolist() == []
