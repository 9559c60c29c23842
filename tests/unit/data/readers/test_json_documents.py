from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from newsdesk.data import tables
from newsdesk.errors import DataError, RowError, SchemaError

ROWS = [{"text": "Rates rise", "label": "A"}, {"text": "“Café” {reopens}", "label": "B"}]


def _read(tmp_path: Path, content: Any, **options: Any) -> tables.TableRead:
    path = tmp_path / "news.json"
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tables.read(path, **options)


@pytest.mark.parametrize("indent", [None, 0, 2], ids=["line", "lines", "pretty"])
@pytest.mark.parametrize(
    ("document", "note"),
    [
        (ROWS, None),
        ({"data": ROWS}, "rows found under 'data'"),
        ({"version": 2, "by": {"x": 1}, "tags": ["a"], "rows": ROWS}, "rows found under 'rows'"),
        (
            {"text": [row["text"] for row in ROWS], "label": ["A", "B"]},
            "one JSON object of 2 columns",
        ),
        ({"0": ROWS[0], "1": ROWS[1]}, "rows found by their positions"),
    ],
    ids=["array", "under-key", "under-key-with-others", "columns", "by-position"],
)
def test_forms_of_a_document(tmp_path: Path, document: Any, note: str, indent: int | None) -> None:
    read = _read(tmp_path, json.dumps(document, indent=indent, ensure_ascii=False))
    assert read.table.to_pylist() == ROWS
    assert read.notes == (() if note is None else (note,))


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table"])
@pytest.mark.parametrize("index", [None, [7, 3]], ids=["plain", "filtered"])
def test_what_pandas_writes_is_read(tmp_path: Path, orient: Any, index: Any) -> None:
    text = pd.DataFrame(ROWS, index=index).to_json(orient=orient, indent=1)
    table = _read(tmp_path, text).table
    assert table.select(["text", "label"]).to_pylist() == ROWS


@pytest.mark.parametrize("indent", [None, 2])
def test_one_object_is_one_row(tmp_path: Path, indent: int | None) -> None:
    row = {"text": "Rates rise", "tags": ["a", "b"], "n": 1}
    read = _read(tmp_path, json.dumps(row, indent=indent))
    assert read.table.to_pylist() == [{"text": "Rates rise", "tags": ["a", "b"], "n": "1"}]
    assert read.notes == ()


def test_objects_broken_into_lines_are_rows(tmp_path: Path) -> None:
    read = _read(tmp_path, "\n".join(json.dumps(row, indent=2) for row in ROWS) + "\n")
    assert read.table.to_pylist() == ROWS
    assert read.notes == ("2 JSON objects one after another",)


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    read = _read(tmp_path, '{"text": [1.50, 1e5, null, true], "label": [1, 2, 3, 4]}')
    assert read.table["text"].to_pylist() == ["1.50", "1e5", None, "true"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"a": ROWS, "b": ROWS}, "holds several tables: a, b"),
        ({"text": ["a"], "label": []}, "columns of different lengths: text 1, label 0"),
        ({"text": {"0": "a"}, "label": {"1": "b"}}, "'label' has other rows than the first"),
        ({"x": {"y": {"z": 1}}, "v": {"w": 2}}, "is one JSON object of x, v, and no table"),
        ({"x": {"y": 1}, "v": ["a"]}, "is one JSON object of x, v, and no table"),
        ({}, "is one JSON object of no keys, and no table"),
    ],
)
def test_other_documents_are_refused(tmp_path: Path, document: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        _read(tmp_path, document)


@pytest.mark.parametrize(
    "content",
    [
        '{"data": [\n{"text": "a"},\n{"text": "b"}\n',
        '{\n "text": "a",\n "label": \n}',
        '{\n "text": "a"\n}\n{\n "text": \n}',
        '{\n "text": "a"\n} trailing',
    ],
)
def test_malformed_document_is_refused_with_the_place(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match="begins as one JSON object but cannot be read as one"):
        _read(tmp_path, content)


@pytest.mark.parametrize("first", ['{"text": "a"', '{"text": "a"} ,', '{"text": "a",'])
def test_lines_whose_first_is_malformed_stay_lines(tmp_path: Path, first: str) -> None:
    content = f'{first}\n{{"text": "b"}}\n{{"text": "c"}}\n'
    with pytest.raises(RowError, match="row 1: not one JSON object on a line"):
        _read(tmp_path, content)
    assert _read(tmp_path, content, on_bad_row="skip").table["text"].to_pylist() == ["b", "c"]


@pytest.mark.parametrize(
    "document",
    [
        b'[{"text": %s, "label": "A"}, {"text": "b", "label": "B"}]',
        b'{"text": [%s, "b"], "label": ["A", "B"]}',
        b'{"n": 1, "data": [{"text": %s, "label": "A"}, {"text": "b", "label": "B"}]}',
        b'{"columns": ["text", "label"], "data": [[%s, "A"], ["b", "B"]]}',
        b'{"0": {"text": %s, "label": "A"}, "1": {"text": "b", "label": "B"}}',
    ],
    ids=["array", "columns", "under-key", "split", "by-position"],
)
@pytest.mark.parametrize("spoilt", [b'"half \\ud83d pair"', b'"half \\uDC00"', b'"bad \xff byte"'])
def test_row_19_what_is_no_text_spoils_its_row_alone(
    tmp_path: Path, document: bytes, spoilt: bytes
) -> None:
    with pytest.raises(RowError, match=r"row 1, column 'text'.*is no valid UTF-8|half a surrogate"):
        _read(tmp_path, document % spoilt, encoding="utf-8")
    read = _read(tmp_path, document % spoilt, encoding="utf-8", on_bad_row="skip")
    assert read.table.to_pylist() == [{"text": "b", "label": "B"}]


def test_escapes_beside_half_a_pair_keep_their_meaning(tmp_path: Path) -> None:
    content = rb'[{"text": "\ud83d"}, {"text": "\\ud83d \ud83d\ude00 \" \\"}]'
    read = _read(tmp_path, content, on_bad_row="skip")
    assert read.table["text"].to_pylist() == ['\\ud83d 😀 " \\']


def test_split_rows_of_another_width_are_bad_rows(tmp_path: Path) -> None:
    document = {"columns": ["text", "label"], "data": [["a", "A"], ["b"], "c"]}
    read = _read(tmp_path, document, on_bad_row="skip")
    assert (read.n_read, [row.row for row in read.rejected]) == (1, [2, 3])


def test_progress_is_told_of_all_bytes(tmp_path: Path, progress: Any) -> None:
    document = {"text": ["a"] * 5000, "label": ["A"] * 5000}
    _read(tmp_path, document, progress=progress)
    size = len(json.dumps(document))
    assert progress.tasks == {"reading news.json": [size, size]}
