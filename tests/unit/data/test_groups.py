from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.groups import column_groups, joined_groups, whole_groups
from newsdesk.errors import SchemaError


def _corpus(authors: list[str | None]) -> Corpus:
    n = len(authors)
    table = {"text": [f"text {row}" for row in range(n)], "label": ["A", "B"] * (n // 2)}
    return read_corpus(pa.table(table | {"author": authors}), text="text", label="label")


def test_rows_of_one_value_are_one_group_and_rows_without_one_are_alone() -> None:
    groups, n_alone = column_groups(_corpus(["ann", None, "bob", "ann", None, "bob"]), "author")
    assert groups.tolist() == [0, 2, 1, 0, 3, 1]
    assert n_alone == 2


def test_a_column_that_is_missing_is_refused() -> None:
    with pytest.raises(SchemaError, match="'auther'"):
        column_groups(_corpus(["ann", "bob"]), "auther")


def test_groups_that_share_a_cluster_are_joined_also_in_chains() -> None:
    groups = np.array([0, 0, 1, 1, 2, 3])
    clusters = np.array([0, 1, 1, 2, 2, 3])
    assert joined_groups(groups, clusters).tolist() == [0, 0, 0, 0, 0, 1]
    assert joined_groups(groups, np.arange(6)).tolist() == groups.tolist()
    assert joined_groups(groups[:0], clusters[:0]).tolist() == []


def test_whole_groups_fill_what_is_wanted_and_no_more() -> None:
    sizes = np.array([5, 50, 7, 3])
    for seed in range(9):
        drawn = whole_groups(np.arange(4), sizes, 12, np.random.default_rng(seed))
        assert sizes[drawn].sum() <= 12
        assert 1 not in drawn


def test_where_no_group_fits_the_smallest_is_taken() -> None:
    drawn = whole_groups(np.array([1, 2]), np.array([1, 50, 7]), 2, np.random.default_rng(0))
    assert drawn.tolist() == [2]
