from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.readers.formats import is_readable, is_table, suffix_of
from newsdesk.errors import DataError, SchemaError


@pytest.mark.parametrize(
    ("name", "suffix", "readable", "table"),
    [
        ("a/News.CSV", ".csv", True, True),
        ("news.csv.gz", ".csv", True, True),
        ("news.parquet.gz", ".parquet", True, True),
        ("news.txt", ".txt", True, False),
        ("cooking.train", ".train", True, False),
        ("news.gz", "", False, False),
        ("news.xlsx", ".xlsx", False, False),
        ("news", "", False, False),
    ],
)
def test_suffix_tells_the_format(name: str, suffix: str, readable: bool, table: bool) -> None:
    assert (suffix_of(name), is_readable(name), is_table(name)) == (suffix, readable, table)


@pytest.mark.parametrize(
    ("suffix", "content", "columns"),
    [
        (".txt", "__label__A x\n", ["label", "text"]),
        (".ft.txt", "\n\n__label__A x\n", ["label", "text"]),
        (".train", "__label__A x\n", ["label", "text"]),
        (".txt", "label\ttext\nA\tx\n", ["label", "text"]),
        (".txt", "headline\nx __label__A\n", ["headline"]),
        (".ft", "x __label__A\n", ["label", "text"]),
    ],
)
def test_first_line_of_a_text_file_tells_fasttext(
    tmp_path: Path, suffix: str, content: str, columns: list[str]
) -> None:
    path = tmp_path / f"news{suffix}"
    path.write_text(content)
    read = tables.read(path)
    assert (read.table.column_names, read.n_read) == (columns, 1)


def test_a_part_without_labels_is_no_fasttext(tmp_path: Path) -> None:
    path = tmp_path / "news.valid"
    path.write_text("label,text\nA,x\n")
    with pytest.raises(SchemaError, match="does not begin with __label__"):
        tables.read(path)


def test_content_of_another_format_than_the_suffix_says_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "news.json", "w") as archive:
        archive.writestr("a.csv", "a,b\n")
    (tmp_path / "news.csv").write_bytes(gzip.compress(b"a,b\n"))
    (tmp_path / "twice.csv.gz").write_bytes(gzip.compress(gzip.compress(b"a,b\n")))
    for name, what in {
        "news.json": "a zip archive",
        "news.csv": "gzip data",
        "twice.csv.gz": "gzip data",
    }.items():
        with pytest.raises(DataError, match=f"{name} is no text: it begins as {what} does"):
            tables.read(tmp_path / name)


def test_every_table_may_be_packed_by_gzip(tmp_path: Path) -> None:
    rows = [{"headline": "Café “reopens”", "label": "A"}, {"headline": "b", "label": "B"}]
    written = pa.Table.from_pylist(rows)
    for suffix in (".csv", ".tsv", ".jsonl", ".parquet", ".feather"):
        plain = tmp_path / f"news{suffix}"
        tables.write(written, plain)
        packed = tmp_path / f"news{suffix}.gz"
        packed.write_bytes(gzip.compress(plain.read_bytes()))
        assert tables.read(packed).table.to_pylist() == rows
    (tmp_path / "NEWS.JSON.GZ").write_bytes(gzip.compress(json.dumps(rows).encode()))
    read = tables.read(tmp_path / "NEWS.JSON.GZ")
    assert (read.table.to_pylist(), read.name) == (rows, "NEWS")
