from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data.corpus import Corpus, read_corpus
from newsdesk.data.recorded_split import part, record, with_column
from newsdesk.data.split import default_spec, draw
from newsdesk.errors import SchemaError

ROWS = {"text": [f"story {n}" for n in range(40)], "label": ["A", "B"] * 20}


@pytest.fixture
def corpus() -> Corpus:
    return read_corpus(pa.table({**ROWS, "date": ["2018-01-01"] * 40}))


def test_the_recorded_split_is_drawn_again_without_being_named(corpus: Corpus) -> None:
    drawn = draw(corpus, "random:0.2", seed=3)
    recorded = record(corpus, drawn, "split")
    assert default_spec(recorded) == "column:split"
    again = draw(recorded, default_spec(recorded), seed=99)
    for name in ("train", "valid", "test"):
        assert np.array_equal(getattr(again, name), getattr(drawn, name))
        assert np.array_equal(np.flatnonzero(part(recorded, name)), getattr(drawn, name))


def test_recording_adds_one_column_and_changes_nothing_else(corpus: Corpus) -> None:
    recorded = record(corpus, draw(corpus, "random:0.2"), "split")
    assert recorded.extra.column_names == ["date", "split"]
    assert recorded.fingerprint == corpus.fingerprint
    assert recorded.steps == corpus.steps
    assert corpus.split_column is None


def test_recording_again_replaces_the_column_in_its_place(corpus: Corpus) -> None:
    first = record(corpus, draw(corpus, "random:0.2"), "split")
    first = with_column(first, "last", pa.array(range(40)))
    second = record(first, draw(corpus, "random:0.5"), "split")
    assert second.extra.column_names == ["date", "split", "last"]
    assert int(part(second, "test").sum()) == 20


def test_a_column_can_be_added_where_there_is_no_other() -> None:
    corpus = read_corpus(pa.table(ROWS)).take(np.arange(10))
    assert with_column(corpus, "n", pa.array(range(10))).extra["n"].to_pylist() == [*range(10)]


def test_a_missing_value_is_in_no_part(corpus: Corpus) -> None:
    values = pa.array(["train", None, "dev", *["test"] * 37])
    odd = with_column(corpus, "fold", values).with_changes(split_column="fold")
    assert [int(part(odd, name).sum()) for name in ("train", "valid", "test")] == [1, 0, 37]
    with pytest.raises(SchemaError, match=r"Column 'fold' holds '' \(document 1\)"):
        draw(odd, default_spec(odd))
