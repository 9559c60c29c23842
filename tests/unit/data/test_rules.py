from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.rules import RULES, stratified_rows


def _corpus(labels: Any) -> Corpus:
    return read_corpus(pa.table({"text": [str(n) for n in range(len(labels))], "label": labels}))


def test_stratified_rows_keep_proportions_and_total() -> None:
    corpus = _corpus(["A"] * 61 + ["B"] * 29 + ["C"] * 10)
    drawn = stratified_rows(corpus, np.arange(100), 0.2, np.random.default_rng(0))
    assert np.bincount(corpus.y[drawn]).tolist() == [12, 6, 2]
    assert len(set(drawn.tolist())) == 20


def test_stratified_rows_never_take_the_last_row_of_a_class() -> None:
    corpus = _corpus(["A", "B", "C", "C"])
    drawn = stratified_rows(corpus, np.arange(4), 0.9, np.random.default_rng(0))
    assert corpus.y[drawn].tolist() == [2]


def test_every_rule_is_named_by_the_first_word_of_its_specification() -> None:
    assert sorted(RULES) == [
        "after",
        "column",
        "grouped",
        "published",
        "random",
        "stratified",
        "tail",
    ]
