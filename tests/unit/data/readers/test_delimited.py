from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from newsdesk.data import tables
from newsdesk.data.readers import delimited
from newsdesk.errors import DataError


@pytest.mark.parametrize(
    ("body", "regular"),
    [
        (b"a,b\n", True),
        (b'"a",b\n"c ""d""",""', True),
        (b'"a\nb","c,d"\r\n', True),
        (b'"""a""","b"', True),
        (b'5" disk,b\n6" disk,c\n', False),
        (b'"a"b,c\n', False),
        (b'"a,b\n', False),
        (b'a,"b" \n', False),
    ],
)
def test_irregular_quotes_are_left_to_the_careful_reader(body: bytes, regular: bool) -> None:
    assert delimited._quotes_are_regular(body, ",") is regular


def test_literal_quotes_inside_a_cell_are_text(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text('headline,label\n5" disk,A\nhe said "no",B\n')
    assert tables.read(path).table["headline"].to_pylist() == ['5" disk', 'he said "no"']


def test_long_files_are_read_in_chunks_by_the_careful_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_CHUNK_ROWS", 3)
    path = tmp_path / "news.csv"
    path.write_text("headline,label\n" + "".join(f'5" disk {n},A\n' for n in range(10)))
    read = tables.read(path)
    assert read.table["headline"].to_pylist() == [f'5" disk {n}' for n in range(10)]
    assert read.table["headline"].num_chunks == 4


def test_progress_is_told_of_all_bytes_by_both_readers(tmp_path: Path, progress: Any) -> None:
    for name, text in {
        "fast": "headline,label\na,A\n",
        "careful": 'headline,label\n5",A\n',
    }.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text)
        tables.read(path, progress=progress)
        assert progress.tasks[f"reading {name}.csv"] == [len(text), len(text)]


def test_a_header_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_bytes(b"headline,la\xffbel\na,A\nb,B\n")
    with pytest.raises(DataError, match=r"byte \\xff in the header is no valid UTF-8"):
        tables.read(path, on_bad_row="skip")
