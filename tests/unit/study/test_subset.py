from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import read_corpus
from newsdesk.errors import DataError
from newsdesk.study.subset import equal_rows

Rows = Callable[..., pa.Table]


def test_every_class_has_as_many_rows_in_the_order_of_the_corpus(rows: Rows) -> None:
    corpus = read_corpus(rows(100))
    chosen = equal_rows(corpus, 20, 0)
    assert chosen.class_counts.tolist() == [20, 20, 20]
    numbers = [int(text.split()[1]) for text in chosen.documents.texts.to_pylist()]
    assert numbers == sorted(numbers)
    assert chosen.steps[-1] == "20 rows of each class drawn with seed 0: 60 rows"


def test_equal_seeds_draw_equal_rows(rows: Rows) -> None:
    corpus = read_corpus(rows(100))
    first, again, other = (equal_rows(corpus, 5, seed) for seed in (1, 1, 2))
    assert first.documents.ids.equals(again.documents.ids)
    assert not first.documents.ids.equals(other.documents.ids)


def test_a_class_with_fewer_rows_is_named(rows: Rows) -> None:
    corpus = read_corpus(rows(100))
    few = corpus.take(np.flatnonzero((corpus.y != 1) | (np.arange(100) < 10)))
    with pytest.raises(DataError, match=r"beta \(3\) has fewer"):
        equal_rows(few, 20, 0)
