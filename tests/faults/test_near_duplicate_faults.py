"""Texts on both sides of a split, word for word and nearly so (row 22)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.split import draw, leak_note, leaked
from newsdesk.errors import LeakageError
from newsdesk.training import train

STORY = "Sea lion rescued from oil spill dies at marine park"


def _corpus(*last: str) -> Corpus:
    """Make rows of two classes; the last ones are test rows of the split by column."""
    texts = [
        *(f"{'match' if row % 2 else 'market'} report {row}" for row in range(40)),
        STORY,
        *last,
    ]
    n = len(texts)
    labels = ["sport" if row % 2 else "business" for row in range(n)]
    part = ["train"] * 30 + ["valid"] * 10 + ["train"] + ["test"] * len(last)
    return read_corpus(pa.table({"text": texts, "label": labels, "part": part}), text="text")


def test_row_22_near_duplicates_across_a_split_are_counted_beside_exact_copies() -> None:
    corpus = _corpus(STORY, STORY + " (VIDEO)", STORY.upper(), "Keeper saves two penalties")
    split = draw(corpus, "column:part")
    exact, near = leaked(corpus, split), leaked(corpus, split, near=True)
    assert exact.tolist() == [True, False, False, False]
    assert near.tolist() == [True, True, True, False]
    note = "1 of 4 test rows (25.0 %) stands word for word in train or valid"
    assert leak_note(exact, near) == f"{note}, 2 more (50.0 %) nearly so"


def test_row_22_metrics_are_given_with_and_without_them() -> None:
    corpus = _corpus(STORY, STORY + " (VIDEO)", "Keeper saves two penalties", "Rates rise again")
    run = train(corpus, family="prior", split="column:part")
    (result,) = run.results
    assert (result.test.n, result.n_leaked, result.n_copies) == (4, 2, 1)
    assert result.without_leaked is not None
    assert result.without_copies is not None
    assert (result.without_leaked.n, result.without_copies.n) == (2, 3)


def test_row_22_the_option_to_fail_means_exact_copies() -> None:
    near = _corpus(STORY + " (VIDEO)", "Keeper saves two penalties")
    assert train(near, family="prior", split="column:part", forbid_leaks=True).results
    exact = _corpus(STORY, "Keeper saves two penalties")
    with pytest.raises(LeakageError, match="1 of 2 test rows"):
        train(exact, family="prior", split="column:part", forbid_leaks=True)


def test_row_22_without_the_search_the_run_says_that_only_copies_are_known() -> None:
    corpus = _corpus(STORY, STORY + " (VIDEO)", "Keeper saves two penalties")
    run = train(corpus, family="prior", split="column:part", near_duplicates=False)
    assert (run.results[0].n_leaked, run.results[0].n_copies) == (1, 1)
    assert "near-duplicates were not looked for: only exact copies are known" in run.notes
    assert np.array_equal(run.clusters, corpus.duplicate_clusters)
