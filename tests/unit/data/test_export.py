from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.errors import SchemaError


def test_lists_and_dictionaries_are_written_to_csv(tmp_path: Path) -> None:
    table = pa.table(
        {"tags": [["a", "b"], None], "label": pa.array(["=A", "B"]).dictionary_encode()}
    )
    tables.write(table, tmp_path / "out.csv")
    read = tables.read(tmp_path / "out.csv").table
    assert read["tags"].to_pylist() == ['["a","b"]', ""]
    assert read["label"].to_pylist() == ["'=A", "B"]


def test_column_names_are_disarmed_too(tmp_path: Path) -> None:
    tables.write(pa.table({"=x": ["a"], "label": ["b"]}), tmp_path / "out.csv")
    assert tables.read(tmp_path / "out.csv").table.column_names == ["'=x", "label"]


def test_jsonl_holds_one_object_a_line_with_types_kept(tmp_path: Path) -> None:
    tables.write(pa.table({"n": [1, None], "text": ["=x", "é"]}), tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"n": 1, "text": "=x"},
        {"n": None, "text": "é"},
    ]


def test_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"suffix '\.xlsx'"):
        tables.write(pa.table({"a": ["b"]}), tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []
