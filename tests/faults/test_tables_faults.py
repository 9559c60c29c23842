"""Rows 16 to 19 of the fault catalogue: what tables come to, and what must then happen."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import read_corpus
from newsdesk.errors import ConfigError, DataError, RowError, SchemaError

PLAIN = "headline,label\nCafé “reopens”,CULTURE\nRates rise,BUSINESS\n"
WANTED = [("Café “reopens”", "CULTURE"), ("Rates rise", "BUSINESS")]


def _write(tmp_path: Path, content: bytes | str, name: str = "news.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _rows(read: tables.TableRead) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in read.table.to_pylist()]


@pytest.mark.parametrize(
    ("encoded", "note"),
    [
        (PLAIN.encode(), ()),
        (codecs.BOM_UTF8 + PLAIN.encode(), ()),
        (PLAIN.encode("utf-16"), ("encoding UTF-16 (little-endian) found",)),
        (
            codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
            ("encoding UTF-16 (big-endian) found",),
        ),
        (PLAIN.encode("utf-16-le"), ("encoding UTF-16 (little-endian) found",)),
        (PLAIN.encode("utf-16-be"), ("encoding UTF-16 (big-endian) found",)),
        (PLAIN.encode("cp1252"), ("encoding Windows-1252 (Latin-1) found",)),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be-bom", "utf-16-le", "utf-16-be", "cp1252"],
)
def test_row_16_encodings_are_found_and_said(
    tmp_path: Path, encoded: bytes, note: tuple[str, ...]
) -> None:
    read = tables.read(_write(tmp_path, encoded))
    assert _rows(read) == WANTED
    assert read.notes == note


def test_row_16_chinese_utf16_without_mark_is_found(tmp_path: Path) -> None:
    text = "标题,类别\n" + "央行宣布上调基准利率以抑制通货膨胀压力上升,财经\n" * 3
    read = tables.read(_write(tmp_path, text.encode("utf-16-le")))
    assert read.table["类别"].to_pylist() == ["财经"] * 3


def test_row_16_encoding_can_be_named(tmp_path: Path) -> None:
    path = _write(tmp_path, PLAIN.replace("“", "").replace("”", "").encode("latin-1"))
    read = tables.read(path, encoding="latin-1")
    assert read.table["headline"][0].as_py() == "Café reopens"
    assert read.notes == ()
    with pytest.raises(ConfigError, match="no encoding 'klingon'"):
        tables.read(path, encoding="klingon")


@pytest.mark.parametrize(("delimiter", "name"), [(";", '";"'), ("\t", "tab"), ("|", '"|"')])
def test_row_16_delimiters_are_found_and_said(tmp_path: Path, delimiter: str, name: str) -> None:
    read = tables.read(_write(tmp_path, PLAIN.replace(",", delimiter)))
    assert _rows(read) == WANTED
    assert read.notes == (f"delimiter {name} found",)


FAULTY = [
    pytest.param("a,A,more\n", None, "3 cells where the header has 2 (line 3)", id="too-many"),
    pytest.param("alone\n", None, "1 cell where the header has 2 (line 3)", id="too-few"),
    pytest.param('"open,A\n', "headline", "unbalanced quote", id="unbalanced-quote"),
    pytest.param('"shut" late,A\n', "headline", "unbalanced quote", id="text-after-quote"),
    pytest.param(b"bad \xff byte,A\n", "headline", r"byte \xff is no valid text", id="utf-8"),
    pytest.param("x" * 600 + ",A\n", "headline", "600 bytes, more than the 500", id="too-long"),
]


@pytest.mark.parametrize(("line", "column", "reason"), FAULTY)
def test_row_16_a_bad_row_is_named_by_file_row_and_column(
    tmp_path: Path, line: bytes | str, column: str | None, reason: str
) -> None:
    line = line if isinstance(line, bytes) else line.encode()
    path = _write(tmp_path, b"headline,label\nfirst,A\n" + line + b"last,B\n")
    with pytest.raises(RowError) as caught:
        tables.read(path, max_field_bytes=500)
    assert (caught.value.file, caught.value.row, caught.value.column) == (str(path), 2, column)
    assert reason in str(caught.value)


@pytest.mark.parametrize(("line", "column", "reason"), FAULTY)
def test_row_16_bad_rows_are_quarantined_and_counts_add_up(
    tmp_path: Path, line: bytes | str, column: str | None, reason: str
) -> None:
    line = line if isinstance(line, bytes) else line.encode()
    path = _write(tmp_path, b"headline,label\nfirst,A\n" + line + b"last,B\n")
    read = tables.read(
        path, on_bad_row="quarantine", quarantine=tmp_path / "bad", max_field_bytes=500
    )
    assert _rows(read) == [("first", "A"), ("last", "B")]
    assert (read.n_read, read.n_rejected) == (2, 1)
    (written,) = (tmp_path / "bad").iterdir()
    assert written.name == "news.rejected.jsonl"
    kept = json.loads(written.read_text(encoding="utf-8"))
    assert (kept["file"], kept["row"], kept["column"]) == (str(path), 2, column)
    assert reason in kept["reason"]
    assert kept["raw"] == line.decode("utf-8", "backslashreplace").rstrip("\n")


def test_row_16_quarantine_needs_a_folder_and_a_known_policy(tmp_path: Path) -> None:
    path = _write(tmp_path, PLAIN)
    with pytest.raises(ConfigError, match="no folder is named"):
        tables.read(path, on_bad_row="quarantine")
    with pytest.raises(ConfigError, match="'ignore'"):
        tables.read(path, on_bad_row="ignore")


def test_row_16_one_stray_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    lines = [f"headline {n},A" for n in range(50)]
    lines[10] = '"open,A'
    read = tables.read(_write(tmp_path, "headline,label\n" + "\n".join(lines)), on_bad_row="skip")
    assert [row.row for row in read.rejected] == [11]
    assert read.n_read == 49


def test_row_16_embedded_newlines_and_lone_carriage_returns(tmp_path: Path) -> None:
    content = 'headline,label\r"two\nlines",A\r"a ""quoted"" word",B\r'
    assert _rows(tables.read(_write(tmp_path, content))) == [
        ("two\nlines", "A"),
        ('a "quoted" word', "B"),
    ]


def test_row_16_duplicate_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="two columns of the name 'label'"):
        tables.read(_write(tmp_path, "label,label\nx,y\n"))


def test_row_16_missing_header_is_noticed_and_no_row_lost(tmp_path: Path) -> None:
    content = "tech,phones get smaller\nsport,a late goal\ntech,chips get faster\n"
    read = tables.read(_write(tmp_path, content))
    assert read.n_read == 3
    assert read.notes == ("no header line found, columns named column_1, column_2",)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["news.csv", "news.jsonl"])
def test_row_16_empty_file_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(DataError, match="is empty"):
        tables.read(_write(tmp_path, content, name))


def test_row_16_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    read = tables.read(_write(tmp_path, "headline,label\n"))
    assert read.table.column_names == ["headline", "label"]
    assert read.n_read == 0


def test_row_16_one_column(tmp_path: Path) -> None:
    assert _rows(tables.read(_write(tmp_path, "headline\nRates rise\n\nRain\n"))) == [
        ("Rates rise",),
        ("Rain",),
    ]
    lines = _write(tmp_path, "headline\nRates rise, again\nRain\n", "lines.txt")
    assert _rows(tables.read(lines)) == [("Rates rise, again",), ("Rain",)]


@pytest.mark.parametrize("name", ["news.csv", "news.jsonl"])
def test_row_17_a_megabyte_is_read_and_a_giant_rejected_with_its_size(
    tmp_path: Path, name: str
) -> None:
    def line(text: str) -> str:
        return f"{text},A\n" if name == "news.csv" else json.dumps({"headline": text}) + "\n"

    head = "headline,label\n" if name == "news.csv" else ""
    long, giant = "x" * 1_000_000, "y" * (10 * 2**20 + 1)
    path = _write(tmp_path, head + line(long) + line(giant) + line("short"), name)
    read = tables.read(path, on_bad_row="skip")
    assert read.table["headline"].to_pylist() == [long, "short"]
    assert [(row.row, row.column) for row in read.rejected] == [(2, "headline")]
    assert "10,485,761 bytes" in read.rejected[0].reason


NASTY = ["NA", "None", "null", "nan", "NaN", "1e5", "007", "=cmd()", "true", "", "-", "@x"]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet", ".feather"])
def test_row_18_headlines_named_na_stay_text(tmp_path: Path, suffix: str) -> None:
    table = pa.table({"headline": NASTY, "label": ["A"] * len(NASTY)})
    path = tmp_path / f"news{suffix}"
    tables.write(table, path, escape=False)
    assert tables.read(path).table["headline"].to_pylist() == NASTY


def test_row_18_numbers_in_json_keep_their_literal_text(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        '{"headline": 1e5, "label": 1}\n{"headline": 1.50, "label": true}\n'
        '{"headline": null, "label": 3}\n',
        "news.jsonl",
    )
    read = tables.read(path)
    assert read.table["headline"].to_pylist() == ["1e5", "1.50", None]
    assert read.table["label"].to_pylist() == ["1", "true", "3"]


def test_row_18_export_for_people_disarms_formulas(tmp_path: Path) -> None:
    cells = ["=cmd()", "+1", "-1", "@x", "\tx", "\rx", "a=b", ""]
    path = tmp_path / "out.csv"
    tables.write(pa.table({"headline": cells, "proba": [0.5] * 8}), path)
    read = tables.read(path).table["headline"].to_pylist()
    assert read == ["'=cmd()", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=b", ""]


UNUSUAL = {
    "nul": "a\x00b",
    "bidi": "\u202eright to left\u202c",
    "zwj": "👩\u200d👩\u200d👧",
    "nfd": "e\u0301 and \u00e9",
    "zero-width": "zero\u200bwidth\ufeff",
    "line-separator": "a\u2028b\u0085c\x0bd",
    "marks": "e" + "\u0301" * 100_000,
}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_row_19_unusual_unicode_is_read_unchanged(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"news{suffix}"
    tables.write(pa.table({"headline": [text, "x"], "label": ["A", "B"]}), path)
    corpus = read_corpus(path)
    assert corpus.documents.fields["headline"].to_pylist() == [text, "x"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"label": "A", "headline": "half \\ud83d pair"}', "half a surrogate pair"),
        (b'{"label": "A", "headline": "half \\udc00 pair"}', "half a surrogate pair"),
        (b'{"label": "A", "headline": "bad \xff byte"}', r"byte \xff is no valid UTF-8"),
    ],
    ids=["high", "low", "utf-8"],
)
def test_row_19_json_that_is_no_text_is_a_reported_row(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    good = b'{"label": "B", "headline": "whole \\ud83d\\ude00 pair"}'
    path = _write(tmp_path, good + b"\n" + line + b"\n", "news.jsonl")
    with pytest.raises(RowError, match="row 2, column 'headline'") as caught:
        tables.read(path)
    assert reason in str(caught.value)
    assert tables.read(path, on_bad_row="skip").table["headline"].to_pylist() == ["whole 😀 pair"]


def test_row_19_invalid_utf8_in_parquet_is_a_reported_row(tmp_path: Path) -> None:
    broken = pa.array([b"fine", b"bad \xff"], pa.binary()).view(pa.string())
    tables.write(pa.table({"headline": broken, "label": ["A", "B"]}), tmp_path / "news.parquet")
    with pytest.raises(RowError, match=r"row 2, column 'headline': byte \\xff"):
        tables.read(tmp_path / "news.parquet")


def test_row_19_damaged_utf16_is_a_reported_row(tmp_path: Path) -> None:
    content = (
        "headline,label\nfirst,A\n".encode("utf-16") + b"\x00\xd8" + "x,B\n".encode("utf-16-le")
    )
    with pytest.raises(RowError, match="row 2, column 'headline'"):
        tables.read(_write(tmp_path, content))
