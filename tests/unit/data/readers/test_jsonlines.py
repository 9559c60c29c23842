from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import read_corpus
from newsdesk.data.readers import jsonlines
from newsdesk.errors import DataError, RowError


def _read(tmp_path: Path, content: bytes | str, **options: Any) -> tables.TableRead:
    path = tmp_path / "news.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tables.read(path, **options)


def test_columns_stand_in_order_of_appearance_and_gaps_are_missing(tmp_path: Path) -> None:
    table = _read(tmp_path, '{"b": "1"}\n\n{"a": "2", "b": null}\n').table
    assert table.column_names == ["b", "a"]
    assert table.to_pylist() == [{"b": "1", "a": None}, {"b": None, "a": "2"}]


def test_one_array_of_objects_is_read_too(tmp_path: Path) -> None:
    assert _read(tmp_path, '[{"a": 1},\n {"a": 2.50}]').table["a"].to_pylist() == ["1", "2.50"]
    with pytest.raises(DataError, match="cannot be read as one"):
        _read(tmp_path, '[{"a": 1},')


def test_lists_stay_lists_and_objects_become_json(tmp_path: Path) -> None:
    table = _read(tmp_path, '{"a": ["x", 1.50], "b": {"c": 1}}\n{"a": null, "b": "t"}').table
    assert table.schema.field("a").type == pa.list_(pa.large_string())
    assert table.to_pylist() == [{"a": ["x", "1.50"], "b": '{"c":1}'}, {"a": None, "b": "t"}]


def test_chunks_of_different_kinds_are_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonlines, "_CHUNK_ROWS", 1)
    lines = '{"a": ["x"], "b": ["x"]}\n{"a": "y", "b": null}\n{"c": 1, "b": ["z"]}'
    assert _read(tmp_path, lines).table.to_pylist() == [
        {"a": '["x"]', "b": ["x"], "c": None},
        {"a": "y", "b": None, "c": None},
        {"a": None, "b": ["z"], "c": "1"},
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    read = _read(tmp_path, '{"a": "café"}\n{"a": "b"}\n'.encode(encoding))
    assert read.table["a"].to_pylist() == ["café", "b"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "not a JSON object"),
        ('{"a": "x"', "not one JSON object on a line"),
        ('{"a": NaN}', "not one JSON object on a line"),
    ],
)
def test_malformed_line_is_a_bad_row(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(RowError, match=f"row 2: {reason}"):
        _read(tmp_path, '{"a": "x"}\n' + line)


def test_kaggle_form_of_the_news_set_is_read() -> None:
    folder = os.environ.get("NEWSDESK_DATA", "")
    path = Path(folder, "huffpost/News_Category_Dataset_v2.head.json")
    if not folder or not path.exists():
        pytest.skip("huffpost/News_Category_Dataset_v2.head.json is not in $NEWSDESK_DATA")
    read = tables.read(path)
    assert (read.n_read, read.n_rejected) == (4782, 0)
    assert "authors" in read.table.column_names
    corpus = read_corpus(path)
    assert list(corpus.documents.fields) == ["headline", "short_description"]
    assert "POLITICS" in corpus.labels.names


def test_progress_is_told_of_all_bytes(tmp_path: Path, progress: Any) -> None:
    content = '{"a": "x"}\n{"a": "y"}\n'
    _read(tmp_path, content, progress=progress)
    assert progress.tasks == {"reading news.json": [len(content), len(content)]}


def test_a_line_with_several_faults_is_one_bad_row(tmp_path: Path) -> None:
    content = b'{"a": "x"}\n{"b\x00": "half \\ud83d pair"}\xff\n'
    read = _read(tmp_path, content, on_bad_row="skip", encoding="utf-8")
    assert [row.row for row in read.rejected] == [2]
