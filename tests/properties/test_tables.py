"""Tables: no row is lost, the fast and the careful reader agree, what is written is read back."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.data import tables
from newsdesk.data.readers import delimited
from newsdesk.data.readers.dialect import Dialect
from newsdesk.data.readers.records import records

# Every character that means something to a reader of CSV, and some that must not.
CHARS = st.sampled_from([*'ab",;\t|\n\r \x00\x0b\u2028é日🎉=+-@', "NA", "null", "1e5"])
CELLS = st.lists(CHARS, max_size=6).map("".join)
UNICODE = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


def _read(content: bytes, name: str = "rows.csv", **options: object) -> tables.TableRead:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        return tables.read(path, **options)


def _csv(rows: list[tuple[str, ...]], delimiter: str, line_end: str) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(("headline", "label"))
    writer.writerows(rows)
    return buffer.getvalue()


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
)
@settings(deadline=None)
def test_well_formed_csv_is_read_as_written(
    rows: list[tuple[str, str]], delimiter: str, line_end: str, encoding: str
) -> None:
    read = _read(_csv(rows, delimiter, line_end).encode(encoding))
    assert read.table.column_names == ["headline", "label"]
    assert [tuple(row.values()) for row in read.table.to_pylist()] == rows
    assert read.n_rejected == 0


@given(text=st.lists(CHARS, max_size=40).map("".join), delimiter=st.sampled_from(",;\t|"))
@settings(deadline=None, max_examples=500)
def test_fast_reader_agrees_with_careful_reader_or_declines(text: str, delimiter: str) -> None:
    dialect = Dialect(delimiter, ("x", "y"), 0, 1)
    fast = delimited._read_fast(text.encode(), dialect, 1 << 20)
    careful = [record.cells for record in records(text, delimiter)]
    if fast is not None:
        assert careful == [list(row.values()) for row in fast.to_pylist()]


@given(text=st.lists(CHARS, max_size=40).map("".join))
@settings(deadline=None, max_examples=300)
def test_every_row_is_read_or_rejected(text: str) -> None:
    read = _read(
        f"headline,label\n{text}".encode(), on_bad_row="skip", delimiter=",", encoding="utf-8"
    )
    assert read.n_read + read.n_rejected == sum(1 for _ in records(text, ","))
    assert read.n_read == len(read.table)
    assert len(read.rejected) == read.n_rejected
    places = {read.place(row)[1] for row in range(read.n_read)}
    assert places | {row.row for row in read.rejected} == set(
        range(1, read.n_read + read.n_rejected + 1)
    )


@given(
    lines=st.lists(
        st.sampled_from(
            [
                b'{"headline": "NA", "label": 1}',
                b'{"headline": null}',
                b'{"headline": "\\ud83d"}',
                b'{"headline": "\xff"}',
                b"[1]",
                b'{"headline"',
                b"nonsense",
            ]
        )
    ),
    line_end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
@settings(deadline=None)
def test_every_json_line_is_read_or_rejected(lines: list[bytes], line_end: str) -> None:
    content = line_end.join([b'{"headline": "first", "label": "A"}', *lines])
    read = _read(content, "rows.jsonl", on_bad_row="skip", encoding="utf-8")
    assert read.n_read + read.n_rejected == 1 + len(lines)
    bad = [
        row for row, line in enumerate(lines, start=2) if b"NA" not in line and b"l}" not in line
    ]
    assert [row.row for row in read.rejected] == bad


@given(
    rows=st.lists(st.tuples(UNICODE, UNICODE), max_size=6),
    suffix=st.sampled_from([".csv", ".tsv", ".jsonl", ".parquet", ".feather"]),
)
@settings(deadline=None)
def test_what_is_written_without_escape_is_read_back(
    rows: list[tuple[str, str]], suffix: str
) -> None:
    schema = pa.schema([("headline", pa.large_string()), ("label", pa.large_string())])
    table = pa.Table.from_pylist(
        [dict(zip(schema.names, row, strict=True)) for row in rows], schema
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"out{suffix}")
        tables.write(table, path, escape=False)
        if suffix == ".jsonl" and not rows:
            return  # a JSON-lines file without lines names no columns
        options = {"delimiter": "\t" if suffix == ".tsv" else ","} if suffix[-2:] == "sv" else {}
        assert tables.read(path, **options).table.equals(table)


@given(cells=st.lists(UNICODE, min_size=1, max_size=6))
@settings(deadline=None)
def test_exported_cells_never_begin_like_a_formula(cells: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "out.csv")
        tables.write(pa.table({"headline": pa.array(cells, pa.large_string())}), path)
        read = tables.read(path).table["headline"].to_pylist()
    assert not any(cell[:1] in set("=+-@\t\r") and cell for cell in read)
    assert [
        cell.removeprefix("'") if cell != given else cell
        for cell, given in zip(read, cells, strict=True)
    ] == cells
