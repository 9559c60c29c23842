from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.errors import DataError, SchemaError


def test_glob_joins_files_of_the_same_columns_in_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("label,headline\nB,two\nragged\nB,three\n")
    (tmp_path / "a.csv").write_text("headline,label\nragged\none,A\n")
    read = tables.read(str(tmp_path / "*.csv"), on_bad_row="skip")
    assert read.table["headline"].to_pylist() == ["one", "two", "three"]
    assert (read.n_read, read.n_rejected) == (3, 2)
    assert read.positions.tolist() == [1, 2, 4]
    a, b = str(tmp_path / "a.csv"), str(tmp_path / "b.csv")
    assert [read.place(row) for row in range(3)] == [(a, 2), (b, 1), (b, 3)]


def test_glob_of_different_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("headline,label\none,A\n")
    (tmp_path / "b.csv").write_text("headline,topic\ntwo,B\n")
    with pytest.raises(SchemaError, match="differ in the columns label, topic"):
        tables.read(tmp_path / "*.csv")


def test_files_of_different_types_are_refused(tmp_path: Path) -> None:
    tables.write(pa.table({"x": [1]}), tmp_path / "a.parquet")
    tables.write(pa.table({"x": [["l"]]}), tmp_path / "b.parquet")
    with pytest.raises(SchemaError, match="cannot be joined"):
        tables.read(tmp_path / "*.parquet")


def test_pattern_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No file matches"):
        tables.read(tmp_path / "*.csv")


def test_missing_file_is_answered_with_the_nearest_names(tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_text("a\n")
    with pytest.raises(DataError, match=r"no file .*nwes\.csv") as caught:
        tables.read(tmp_path / "nwes.csv")
    assert caught.value.remedy == "Did you mean news.csv?"
    with pytest.raises(DataError, match="no folder"):
        tables.read(tmp_path / "nowhere" / "news.csv")


def test_folder_and_unknown_suffix_are_refused_with_what_is_readable(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="is a folder") as caught:
        tables.read(tmp_path)
    assert ".parquet" in caught.value.remedy
    (tmp_path / "news.xlsx").write_text("x")
    with pytest.raises(SchemaError, match=r"suffix '\.xlsx'"):
        tables.read(tmp_path / "news.xlsx")
    with pytest.raises(SchemaError, match="object of type dict"):
        tables.read({"headline": ["a"]})


def test_suffix_in_capitals_is_understood(tmp_path: Path) -> None:
    (tmp_path / "NEWS.CSV").write_text("headline,label\na,A\n")
    assert tables.read(tmp_path / "NEWS.CSV").n_read == 1


def test_rows_are_called_after_their_first_file_or_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "news.v2"
    for name in ("sport/1", "tech/1"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text("a")
    (tmp_path / "a.b.csv").write_text("headline,label\na,A\n")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(b"headline,label\na,A\n"))
    assert tables.read(home).name == "news.v2"
    assert tables.read(tmp_path / "a.b.csv").name == "a.b"
    assert tables.read(tmp_path / "*.csv*").name == "a.b"
    assert tables.read(tmp_path / "c.csv.gz").name == "c"
    assert tables.read(pa.table({"x": ["a"]})).name == "table in memory"
    monkeypatch.chdir(home)
    assert tables.read(".").name == "news.v2"
