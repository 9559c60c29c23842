from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data.history import History, attach, history_of
from newsdesk.errors import SchemaError

TABLE = pa.table({"headline": ["Rates rise"], "section": ["MONEY"], "part": ["train"]})
HISTORY = History("news", ("headline",), "section", ("read news: 1 row",), "CC0", "part")
ENTRY: dict[str, Any] = {"format": 1, "name": "n", "text": ["headline"], "label": "section"}


def _with(entry: bytes | dict[str, Any]) -> pa.Table:
    raw = entry if isinstance(entry, bytes) else json.dumps(entry).encode()
    return TABLE.replace_schema_metadata({b"newsdesk": raw})


def test_what_was_attached_is_read_back() -> None:
    assert history_of(attach(HISTORY, TABLE), "a file") == HISTORY


def test_entry_is_json_of_a_numbered_format() -> None:
    entry = json.loads(attach(HISTORY, TABLE).schema.metadata[b"newsdesk"])
    assert entry == {
        "format": 1,
        "name": "news",
        "text": ["headline"],
        "label": "section",
        "steps": ["read news: 1 row"],
        "licence": "CC0",
        "split_column": "part",
        "cluster_column": None,
    }


def test_other_metadata_of_the_schema_is_left_out() -> None:
    table = TABLE.replace_schema_metadata({b"pandas": b"{}"})
    assert list(attach(HISTORY, table).schema.metadata) == [b"newsdesk"]


@pytest.mark.parametrize("metadata", [None, {}, {b"pandas": b"{}"}])
def test_a_table_without_the_entry_has_no_history(metadata: dict[bytes, bytes] | None) -> None:
    assert history_of(TABLE.replace_schema_metadata(metadata), "a file") is None


def test_only_name_text_and_label_are_needed() -> None:
    found = history_of(_with({**ENTRY, "of a later release": [1]}), "a file")
    assert found == History("n", ("headline",), "section")


MALFORMED: dict[str, bytes | dict[str, Any]] = {
    "nothing": b"",
    "no JSON": b"import os",
    "no UTF-8": b'{"format": 1, "name": "\xff"}',
    "lone surrogate": b'{"format": 1, "name": "\\ud800", "text": ["headline"], "label": "section"}',
    "too deep": b'{"format": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a list": b"[]",
    "no format": {"name": "n", "text": ["headline"], "label": "section"},
    "format as text": {**ENTRY, "format": "1"},
    "no label": {"format": 1, "name": "n", "text": ["headline"]},
    "text as one string": {**ENTRY, "text": "headline"},
    "steps that are no texts": {**ENTRY, "steps": [1]},
    "name that is no text": {**ENTRY, "name": None},
}


@pytest.mark.parametrize("entry", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_entry_is_refused_with_the_file(entry: bytes | dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match=r"^a file says in its schema metadata") as caught:
        history_of(_with(entry), "a file")
    assert "Prepare the file again" in caught.value.remedy


def test_a_newer_format_is_named() -> None:
    with pytest.raises(SchemaError, match="prepared in format 3; this build reads format 1"):
        history_of(_with({"format": 3, "columns": {}}), "a file")


@pytest.mark.parametrize(
    "change",
    [
        {"text": ["headline", "gone"]},
        {"label": "gone"},
        {"split_column": "gone"},
        {"cluster_column": "gone"},
    ],
)
def test_columns_that_do_not_exist_are_named(change: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match="no longer has: gone"):
        history_of(_with({**ENTRY, **change}), "a file")


@pytest.mark.parametrize(
    "change",
    [
        {"text": []},
        {"text": ["headline", "headline"]},
        {"label": "headline"},
        {"split_column": "section"},
        {"split_column": "part", "cluster_column": "part"},
    ],
)
def test_a_column_has_one_role(change: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match="says that it was prepared with the columns"):
        history_of(_with({**ENTRY, **change}), "a file")


def test_a_split_column_of_lists_is_refused() -> None:
    table = _with({**ENTRY, "split_column": "part"})
    lists = table.set_column(2, "part", pa.array([["train"]]))
    with pytest.raises(SchemaError, match=r"'part' is of type list<.*string>, not text"):
        history_of(lists, "a file")


@pytest.mark.parametrize(
    "column", [pa.array(["1"]), pa.array([None], type=pa.int64()), pa.array([1.0])]
)
def test_a_cluster_column_needs_a_whole_number_in_each_row(column: pa.Array) -> None:
    table = _with({**ENTRY, "cluster_column": "part"})
    with pytest.raises(SchemaError, match="the cluster column 'part' is of type"):
        history_of(table.set_column(2, "part", column), "a file")


def test_columns_that_the_caller_names_himself_need_not_exist() -> None:
    table = _with({**ENTRY, "text": ["gone"], "label": "gone too"})
    assert history_of(table, "a file", text_named=True, label_named=True) is not None
    with pytest.raises(SchemaError, match="no longer has: gone too"):
        history_of(table, "a file", text_named=True)
    with pytest.raises(SchemaError, match=r"no longer has: gone\."):
        history_of(table, "a file", label_named=True)
