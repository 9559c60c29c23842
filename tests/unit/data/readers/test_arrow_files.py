from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.bad_rows import BadRows
from newsdesk.data.readers import arrow_files
from newsdesk.data.readers.content import Content
from newsdesk.errors import DataError, SchemaError

TABLE = pa.table({"headline": ["NA", "b"], "label": ["A", "B"]})


@pytest.mark.parametrize("suffix", [".parquet", ".feather"])
@pytest.mark.parametrize("content", [b"", b"PAR1", b"ARROW1\0\0 nothing of the kind", b"text"])
def test_damaged_file_is_refused_by_name(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"news{suffix}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"news{suffix} cannot be read as a"):
        tables.read(path)


def test_arrow_stream_format_is_read(tmp_path: Path) -> None:
    path = tmp_path / "news.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)
    assert arrow_files.read_feather(Content("x", ".arrow", path)).equals(TABLE)
    assert arrow_files.read_feather(Content("x", ".arrow", path.read_bytes())).equals(TABLE)


@pytest.mark.parametrize("suffix", [".parquet", ".feather"])
def test_bytes_are_read_like_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"news{suffix}"
    tables.write(TABLE, path)
    reader = arrow_files.read_parquet if suffix == ".parquet" else arrow_files.read_feather
    assert reader(Content("x", suffix, path.read_bytes())).equals(TABLE)
    with pytest.raises(DataError, match=r"^x cannot be read as a"):
        reader(Content("x", suffix, path.read_bytes()[:40]))


def test_folder_names_do_not_become_columns(tmp_path: Path) -> None:
    path = tmp_path / "year=2018" / "news.parquet"
    tables.write(TABLE, path)
    read = arrow_files.read_parquet(Content("x", ".parquet", path))
    assert read.column_names == ["headline", "label"]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_data_frames_come_in_by_the_stream_interface(make: Callable[..., Any]) -> None:
    read = tables.read(make({"headline": ["NA", None], "label": ["A", "B"]}))
    assert read.files == ("table in memory",)
    assert read.table["headline"].to_pylist() == ["NA", None]


def test_frame_with_mixed_values_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be taken over"):
        arrow_files.from_stream(pd.DataFrame({"headline": ["a", 1]}, dtype=object), "frame")


def test_screen_refuses_duplicate_columns() -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["x", "x"])
    with pytest.raises(SchemaError, match="two columns of the name 'x'"):
        arrow_files.screen(table, "frame", BadRows("skip", None), 100)


def test_screen_rejects_long_texts_with_their_size() -> None:
    bad_rows = BadRows("skip", None)
    table = pa.table({"headline": ["a" * 11, "b", None]})
    kept = arrow_files.screen(table, "frame", bad_rows, 10)
    assert kept["headline"].to_pylist() == ["b", None]
    assert [(row.row, row.column) for row in bad_rows.rejected] == [(1, "headline")]
    assert "11 bytes" in bad_rows.rejected[0].reason
