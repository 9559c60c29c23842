from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.assembly import documents_of, empty_rows, text_column
from newsdesk.errors import SchemaError
from newsdesk.types import Documents


def _documents(
    columns: dict[str, Any], text: tuple[str, ...] = ("headline",), rows: list[int] | None = None
) -> tuple[Documents, list[str]]:
    read = tables.read(pa.table(columns))
    rows = np.arange(read.n_read) if rows is None else np.array(rows)
    return documents_of(read, text, rows)


def test_unique_id_column_gives_the_ids() -> None:
    documents, steps = _documents({"Doc ID": [7, 9], "headline": ["a", "b"]})
    assert documents.ids.to_pylist() == ["7", "9"]
    assert steps == ["ids: column Doc ID"]


@pytest.mark.parametrize("ids", [["7", "7"], ["7", None], ["7", ""]])
def test_id_column_with_repeats_or_gaps_gives_way_to_positions(ids: list[str | None]) -> None:
    documents, steps = _documents({"id": ids, "headline": ["a", "b"]})
    if "7" in ids[1:]:
        assert steps == ["column id is not unique, so it gives no ids"]
    assert documents.ids.to_pylist() == ["0", "1"]


def test_positions_are_those_in_the_source() -> None:
    documents, _ = _documents({"headline": ["a", "b", "c"]}, rows=[0, 2])
    assert documents.ids.to_pylist() == ["0", "2"]
    assert documents.fields["headline"].to_pylist() == ["a", "c"]


def test_missing_texts_become_empty_and_are_counted() -> None:
    documents, steps = _documents(
        {"headline": ["a", None, " "], "summary": [None, "", ""]}, text=("headline", "summary")
    )
    assert documents.fields["summary"].to_pylist() == ["", "", ""]
    assert steps == ["2 rows without any text kept"]


@pytest.mark.parametrize(
    "column", [pa.array([1, 2]), pa.array(["1", "2"]).dictionary_encode()], ids=["int", "dict"]
)
def test_columns_of_other_types_are_read_as_text(column: pa.Array) -> None:
    documents, _ = _documents({"headline": column})
    assert documents.fields["headline"].to_pylist() == ["1", "2"]


def test_lists_are_no_text() -> None:
    with pytest.raises(SchemaError, match="which are no text"):
        _documents({"headline": [["a"], ["b"]]})


def test_a_row_is_empty_if_no_field_has_more_than_white_space() -> None:
    columns = {"headline": ["", " \u2003", "a", None], "body": ["", "\n", "", "b"]}
    documents, steps = _documents(columns, text=("headline", "body"))
    assert empty_rows(documents).tolist() == [True, True, False, False]
    assert steps == ["2 rows without any text kept"]


def test_a_dictionary_column_becomes_its_texts() -> None:
    column = pa.chunked_array([pa.array(["a", None, "a"]).dictionary_encode()])
    assert text_column(column, "headline").to_pylist() == ["a", "", "a"]
