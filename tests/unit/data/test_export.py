from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.export import check_suffix
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


def test_a_suffix_can_be_refused_before_there_are_rows(tmp_path: Path) -> None:
    check_suffix(tmp_path / "OUT.Feather")
    with pytest.raises(SchemaError, match=r"suffix ''"):
        check_suffix(tmp_path / "out")


def test_times_finer_than_a_microsecond_are_written_to_jsonl(tmp_path: Path) -> None:
    times = pa.array([1_500_000_000_000_000_001, None], type=pa.timestamp("ns"))
    tables.write(pa.table({"at": times}), tmp_path / "out.jsonl")
    first, second = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["at"].startswith("2017-07-14T02:40:00")
    assert json.loads(second) == {"at": None}


@pytest.mark.parametrize(
    ("column", "suffix"),
    [
        (pa.array([b"\xff"]), ".csv"),
        (pa.array([(1, 2, 3)], type=pa.month_day_nano_interval()), ".parquet"),
        (pa.array([10**12], type=pa.timestamp("s")), ".jsonl"),
    ],
    ids=["bytes in CSV", "interval in Parquet", "far future in JSON"],
)
def test_a_column_that_a_format_cannot_hold_is_refused(
    column: pa.Array, suffix: str, tmp_path: Path
) -> None:
    with pytest.raises(SchemaError, match="a column cannot be written") as caught:
        tables.write(pa.table({"a": column}), tmp_path / f"out{suffix}")
    assert "Choose .feather" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []
