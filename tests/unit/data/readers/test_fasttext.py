from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from newsdesk.data import tables
from newsdesk.data.readers import fasttext
from newsdesk.errors import RowError


def _read(tmp_path: Path, content: bytes | str, **options: Any) -> tables.TableRead:
    path = tmp_path / "news.ft"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tables.read(path, **options)


@pytest.mark.parametrize(
    ("line", "label", "text"),
    [
        ("__label__TECH Phones get smaller", "TECH", "Phones get smaller"),
        ("__label__ARTS_&_CULTURE , café “reopens”", "ARTS_&_CULTURE", ", café “reopens”"),
        ("Phones get smaller __label__TECH", "TECH", "Phones get smaller"),
        ("Phones __label__TECH get \t__label_smaller", "TECH", "Phones get \t__label_smaller"),
        ("__label__TECH", "TECH", ""),
        (" \t__label__TECH\t x  y ", "TECH", "x  y"),
        ("__label__经济 央行\u3000加息", "经济", "央行\u3000加息"),
        ("__label__a\u00a0b x", "a\u00a0b", "x"),
        ("__label__A not__label__B", "A", "not__label__B"),
        ("__label__A__label__B x", "A__label__B", "x"),
    ],
)
def test_label_and_text_of_a_line(tmp_path: Path, line: str, label: str, text: str) -> None:
    assert _read(tmp_path, line + "\n").table.to_pylist() == [{"label": label, "text": text}]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("__label__A __label__B x", "has 2 labels; newsdesk takes one label per document"),
        ("__label__A x __label__A", "has 2 labels"),
        ("no label here", "names no label by __label__NAME"),
        ("__label__ x", "names no label by __label__NAME"),
        ("x __label__", "names no label"),
    ],
)
def test_line_without_one_label_is_a_bad_row(tmp_path: Path, line: str, reason: str) -> None:
    content = f"__label__A first\n\n{line}\n__label__B last\n"
    with pytest.raises(RowError, match=r"row 2, column 'label'.*\(line 3\)") as caught:
        _read(tmp_path, content)
    assert reason in str(caught.value)
    read = _read(tmp_path, content, on_bad_row="skip")
    assert read.table["text"].to_pylist() == ["first", "last"]
    assert (read.n_rejected, read.rejected[0].raw) == (1, line)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_line_ends_and_encodings(tmp_path: Path, end: str, encoding: str) -> None:
    content = f"__label__A café{end}{end}__label__B b".encode(encoding)
    read = _read(tmp_path, content)
    assert read.table["text"].to_pylist() == ["café", "b"]
    assert bool(read.notes) == (not encoding.startswith("utf-8"))


def test_long_files_are_read_in_chunks_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: Any
) -> None:
    monkeypatch.setattr(fasttext, "_CHUNK_ROWS", 3)
    content = "".join(f"__label__A text {n}\n" for n in range(10))
    read = _read(tmp_path, content, progress=progress)
    assert read.table["text"].to_pylist() == [f"text {n}" for n in range(10)]
    assert read.table["text"].num_chunks == 4
    assert progress.tasks == {"reading news.ft": [len(content), len(content)]}
