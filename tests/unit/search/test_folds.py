from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.split import Split, draw
from newsdesk.errors import DataError
from newsdesk.search.folds import Folds
from newsdesk.types import Silent

News = Callable[..., pa.Table]


def dealt(corpus: Corpus, split: Split, *, n_folds: int = 5, near: bool = True) -> Folds:
    return Folds.draw(corpus, split, n_folds=n_folds, seed=0, near=near, progress=Silent())


def labelled(texts: list[str], labels: list[str]) -> Corpus:
    return read_corpus(pa.table({"text": texts, "label": labels}))


def test_train_and_valid_rows_are_dealt_and_test_rows_are_not(news: News) -> None:
    corpus = read_corpus(news())
    split = draw(corpus, "stratified:0.2")
    found = dealt(corpus, split)
    assert np.array_equal(found.rows, np.sort(np.concatenate([split.train, split.valid])))
    assert (found.everywhere[split.test] == -1).all()
    assert np.array_equal(found.everywhere[found.rows], found.fold)
    assert np.ptp(np.bincount(found.fold)) <= len(corpus.labels)
    assert found.notes == ()


@pytest.mark.parametrize("near", [True, False])
def test_duplicates_stay_in_one_fold(near: bool) -> None:
    words = [" ".join(f"word{i + step}" for step in range(6)) for i in range(60)]
    texts = [text + (" (VIDEO)" if near and copy else "") for text in words for copy in range(2)]
    corpus = labelled(texts, ["A", "A", "B", "B"] * 30)
    found = dealt(corpus, draw(corpus, "tail:10"), near=near)
    copies = found.everywhere[:110].reshape(-1, 2)
    assert (copies[:, 0] == copies[:, 1]).all()


def test_groups_of_a_grouped_split_stay_in_one_fold(news: News) -> None:
    corpus = read_corpus(news())
    found = dealt(corpus, draw(corpus, "grouped:outlet:0.2"), n_folds=3)
    outlets = np.array(corpus.extra["outlet"].to_pylist())[found.rows]
    assert len(np.unique(outlets)) > 3
    for outlet in np.unique(outlets):
        assert len(np.unique(found.fold[outlets == outlet])) == 1


def test_a_class_with_fewer_texts_than_folds_is_said(news: News) -> None:
    corpus = labelled([f"story number {i} of {i * 7}" for i in range(60)], ["A"] * 57 + ["C"] * 3)
    (note,) = dealt(corpus, draw(corpus, "stratified:0.1")).notes
    assert note.startswith("1 class with fewer distinct texts than folds (C)")


def test_fewer_distinct_texts_than_folds_are_refused() -> None:
    corpus = labelled(["one text", "another"] * 20, ["A", "B"] * 20)
    with pytest.raises(DataError, match="in 2 groups of duplicates cannot be dealt to 5 folds"):
        dealt(corpus, draw(corpus, "tail:10"))
