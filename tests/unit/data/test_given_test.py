from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.given_test import concat, name_again
from newsdesk.data.split import leaked
from newsdesk.errors import DataError, SchemaError
from newsdesk.types import LabelSet

STORY = "The city council votes on a new budget for schools and roads after a long debate"


def train(**texts: str) -> Corpus:
    """100 rows of classes A and B in turn; rows of other texts by their number."""
    said = [texts.get(f"row_{row}", f"text {row}") for row in range(100)]
    table = {"text": said, "label": ["A", "B"] * 50}
    return read_corpus(pa.table(table), text="text", label="label")


def given(*rows: tuple[str, str]) -> Corpus:
    table = {"text": [text for text, _ in rows], "label": [label for _, label in rows]}
    return read_corpus(pa.table(table), text="text", label="label", min_classes=1)


def test_test_rows_are_joined_by_label_names() -> None:
    corpus, split = concat(train(), given(("x", "B"), ("text 3", "A")))
    assert split.test.tolist() == [100, 101]
    assert corpus.y[split.test].tolist() == [1, 0]
    assert corpus.documents.ids.to_pylist()[-2:] == ["test-0", "test-1"]
    assert len(split.valid) == 10
    assert leaked(corpus, split).tolist() == [False, True]


def test_valid_beside_them_keeps_near_duplicates_together() -> None:
    copies = train(row_5=STORY, row_55=STORY, row_95=f"{STORY.upper()} (VIDEO)")
    for seed in range(8):
        _, split = concat(copies, given(("x", "B"), ("y", "A")), seed=seed)
        assert len({5, 55, 95} & set(split.valid.tolist())) in (0, 3)


def test_other_columns_or_labels_are_refused() -> None:
    other = read_corpus(pa.table({"headline": ["x", "y"], "label": ["A", "B"]}))
    with pytest.raises(SchemaError, match="text columns text, test headline"):
        concat(train(), other)
    with pytest.raises(DataError, match="No label of table in memory"):
        concat(train(), given(("x", "P"), ("y", "Q")))


def test_rows_of_classes_that_come_later_get_them() -> None:
    test = given(("x", "B"), ("storm", "C"), ("who", "D"))
    both, split = concat(train(), test)
    assert both.y[split.test].tolist() == [1, -1, -1]
    assert any("2 test rows of 2 classes unknown" in note for note in split.notes)
    grown = both.with_changes(labels=LabelSet(["A", "B", "C"]))
    named, again = name_again(grown, split, test, both.labels)
    assert named.y[again.test].tolist() == [1, 2, -1]
    assert np.array_equal(named.y[:100], both.y[:100])
    for lines in (named.steps, again.notes):
        (line,) = [line for line in lines if "unknown to train" in line]
        assert line == "1 test row of 1 class unknown to train (D): not measured"
