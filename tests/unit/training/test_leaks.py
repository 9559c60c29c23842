from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.split import draw
from newsdesk.errors import LeakageError
from newsdesk.training.leaks import find_leaks, fold_groups
from newsdesk.types import Silent

STORY = "Sea lion rescued from oil spill dies at marine park"


@pytest.fixture(name="corpus")
def _corpus() -> Corpus:
    texts = [f"report {row}" for row in range(20)]
    texts[0] = texts[18] = STORY
    texts[19] = STORY + " (VIDEO)"
    outlets = [f"outlet {row // 4}" for row in range(20)]
    table = {"text": texts, "label": ["A", "B"] * 10, "outlet": outlets}
    return read_corpus(pa.table(table), text="text", label="label")


def test_near_leaks_hold_the_exact_ones(corpus: Corpus) -> None:
    leaks = find_leaks(corpus, draw(corpus, "tail:4"), near=True, forbid=False, progress=Silent())
    assert leaks.exact.tolist() == [False, False, True, False]
    assert leaks.near.tolist() == [False, False, True, True]
    assert np.array_equal(leaks.clusters, corpus.near_duplicate_clusters)


def test_without_the_search_the_exact_ones_are_all(corpus: Corpus) -> None:
    leaks = find_leaks(corpus, draw(corpus, "tail:4"), near=False, forbid=False, progress=Silent())
    assert np.array_equal(leaks.near, leaks.exact)
    assert np.array_equal(leaks.clusters, corpus.duplicate_clusters)


def test_exact_copies_can_be_forbidden(corpus: Corpus) -> None:
    with pytest.raises(LeakageError, match="1 of 4 test rows"):
        find_leaks(corpus, draw(corpus, "tail:4"), near=True, forbid=True, progress=Silent())


def test_folds_part_neither_clusters_nor_groups(corpus: Corpus) -> None:
    clusters = corpus.near_duplicate_clusters
    assert fold_groups(corpus, draw(corpus, "tail:4"), clusters) is clusters
    split = draw(corpus, "grouped:outlet:0.3")
    groups = fold_groups(corpus, split, clusters)
    # The first outlet and the last share the story.
    assert groups.tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4 + [0] * 4
