"""Rows 16 to 20 of the fault catalogue over every form in which rows can come."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import read_corpus
from newsdesk.errors import DataError, RowError

Texts = Sequence[str | bytes]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _cell(text: str | bytes) -> bytes:
    return b'"' + _bytes(text).replace(b'"', b'""') + b'"'


def _csv(texts: Texts) -> bytes:
    return b"text,label\n" + b"".join(_cell(text) + b",A\n" for text in texts)


def _string(text: str | bytes) -> bytes:
    if isinstance(text, str):
        return json.dumps(text, ensure_ascii=False).encode()
    return b'"' + text + b'"'


def _jsonl(texts: Texts) -> bytes:
    return b"".join(b'{"text": %s, "label": "A"}\n' % _string(text) for text in texts)


def _columns(texts: Texts) -> bytes:
    labels = ", ".join(['"A"'] * len(texts)).encode()
    return b'{"text": [%s],\n "label": [%s]}' % (b", ".join(map(_string, texts)), labels)


def _fasttext(texts: Texts) -> bytes:
    return b"".join(b"__label__A " + _bytes(text) + b"\n" for text in texts)


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _tree(folder: Path, texts: Texts) -> Path:
    (folder / "A").mkdir(parents=True)
    for number, text in enumerate(texts):
        (folder / "A" / f"{number:03}.txt").write_bytes(_bytes(text))
    return folder


def _zipped_tree(path: Path, texts: Texts) -> Path:
    return _zip(path, {f"news/A/{n:03}.txt": _bytes(text) for n, text in enumerate(texts)})


def _file(write: Callable[[Texts], bytes]) -> Callable[[Path, Texts], Path]:
    def form(path: Path, texts: Texts) -> Path:
        path.write_bytes(write(texts))
        return path

    return form


def _gzipped(write: Callable[[Texts], bytes]) -> Callable[[Path, Texts], Path]:
    def form(path: Path, texts: Texts) -> Path:
        path.write_bytes(gzip.compress(write(texts)))
        return path

    return form


def _zipped(name: str, write: Callable[[Texts], bytes]) -> Callable[[Path, Texts], Path]:
    return lambda path, texts: _zip(path, {name: write(texts)})


TREES: dict[str, Callable[[Path, Texts], Path]] = {"news": _tree, "tree.zip": _zipped_tree}
FORMS: dict[str, Callable[[Path, Texts], Path]] = {
    "news.csv": _file(_csv),
    "news.jsonl": _file(_jsonl),
    "news.json": _file(_columns),
    "news.ft": _file(_fasttext),
    "news.csv.gz": _gzipped(_csv),
    "news.json.gz": _gzipped(_columns),
    "news.ft.gz": _gzipped(_fasttext),
    "csv.zip": _zipped("news.csv", _csv),
    "jsonl.zip": _zipped("news.jsonl", _jsonl),
    "ft.zip": _zipped("news.txt", _fasttext),
    **TREES,
}
forms = pytest.mark.parametrize("form", FORMS)
tables_only = pytest.mark.parametrize("form", [form for form in FORMS if form not in TREES])


def _write(tmp_path: Path, form: str, texts: Texts) -> Path:
    return FORMS[form](tmp_path / form, texts)


NASTY = ["NA", "None", "null", "nan", "NaN", "1e5", "007", "=cmd()", "true", "", "-", "@x"]


@forms
def test_row_18_texts_that_look_like_values_stay_text(tmp_path: Path, form: str) -> None:
    read = tables.read(_write(tmp_path, form, NASTY))
    assert read.table["text"].to_pylist() == NASTY
    assert read.table["label"].to_pylist() == ["A"] * len(NASTY)


UNUSUAL = {
    "bidi": "\u202eright to left\u202c",
    "zwj": "👩\u200d👩\u200d👧",
    "twins": "e\u0301 and \u00e9",
    "zero-width": "zero\u200bwidth\ufeff",
    "line-separator": "a\u2028b\u0085c",
    "wide-blank": "\u3000央行\u00a0加息\u3000",
    "marks": "e" + "\u0301" * 100_000,
}


@forms
def test_row_19_unusual_unicode_is_read_unchanged(tmp_path: Path, form: str) -> None:
    texts = list(UNUSUAL.values())
    assert tables.read(_write(tmp_path, form, texts)).table["text"].to_pylist() == texts


@tables_only
def test_row_19_nul_in_a_text_of_a_table_is_kept(tmp_path: Path, form: str) -> None:
    text = "a\\u0000b" if "json" in form else "a\0b"
    read = tables.read(_write(tmp_path, form, [_bytes(text), b"c"]))
    assert read.table["text"].to_pylist() == ["a\0b", "c"]


@pytest.mark.parametrize("form", TREES)
def test_row_19_nul_in_a_file_of_a_tree_is_a_bad_row(tmp_path: Path, form: str) -> None:
    path = _write(tmp_path, form, ["fine", "a\0b"])
    with pytest.raises(RowError, match=r"row 2: A/001\.txt: .*NUL"):
        tables.read(path)
    assert tables.read(path, on_bad_row="skip").table["text"].to_pylist() == ["fine"]


@forms
def test_row_19_bytes_that_are_no_text_are_a_bad_row(tmp_path: Path, form: str) -> None:
    path = _write(tmp_path, form, ["first", b"bad \xff byte", "last"])
    with pytest.raises(RowError, match=r"row 2.*byte \\xff") as caught:
        tables.read(path, encoding="utf-8")
    assert caught.value.column == (None if form in TREES else "text")
    for encoding in ("utf-8", None):
        read = tables.read(path, on_bad_row="skip", encoding=encoding)
        assert read.table["text"].to_pylist() == ["first", "last"]
        assert [row.row for row in read.rejected] == [2]
        assert read.positions.tolist() == [0, 2]


@forms
def test_row_17_a_megabyte_is_read_and_a_giant_rejected(tmp_path: Path, form: str) -> None:
    long, giant = "x" * 1_000_000, "y" * (10 * 2**20 + 1)
    path = _write(tmp_path, form, [long, giant, "short"])
    read = tables.read(path, on_bad_row="skip")
    assert read.table["text"].to_pylist() == [long, "short"]
    assert [row.row for row in read.rejected] == [2]
    assert "10,485,761 bytes" in read.rejected[0].reason


@forms
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_row_16_encodings_are_found(tmp_path: Path, form: str, encoding: str) -> None:
    texts = ["naïve café reopens", "a second line of plain text"]
    if form in TREES:
        # A mark of the byte order, or a line end, is what tells UTF-16 in one short text.
        texts = [f"{text}\n" for text in texts]
        path = _write(tmp_path, form, [text.encode(encoding) for text in texts])
    else:
        write = {"csv": _csv, "jsonl": _jsonl, "json": _columns, "ft": _fasttext}
        kind = form.split(".")[0] if form.endswith(".zip") else form.split(".")[1]
        content = write[kind](texts).decode().encode(encoding)
        name = "news.txt" if form == "ft.zip" else f"news.{kind}"
        path = tmp_path / form
        if form.endswith(".zip"):
            _zip(path, {name: content})
        else:
            path.write_bytes(gzip.compress(content) if form.endswith(".gz") else content)
    read = tables.read(path)
    assert read.table["text"].to_pylist() == texts
    assert any("encoding " in note for note in read.notes) is (encoding != "utf-8-sig")


@tables_only
@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_row_16_an_empty_file_is_refused(tmp_path: Path, form: str, content: bytes) -> None:
    path = tmp_path / form
    if form.endswith(".zip"):
        suffix = form.split(".")[0]
        _zip(path, {f"news.{suffix}": content})
    else:
        path.write_bytes(gzip.compress(content) if form.endswith(".gz") else content)
    with pytest.raises(DataError, match="is empty"):
        tables.read(path)


@forms
def test_row_16_rejected_rows_are_quarantined_and_counts_add_up(tmp_path: Path, form: str) -> None:
    texts: Texts = ["first", b"\xff", "third", b"\xfe", "last"]
    path = _write(tmp_path, form, texts)
    folder = tmp_path / "bad"
    read = tables.read(path, on_bad_row="quarantine", quarantine=folder, encoding="utf-8")
    (written,) = folder.iterdir()
    rows = [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()]
    assert [row["row"] for row in rows] == [2, 4]
    assert {row["file"] for row in rows} == set(read.files)
    assert read.n_read + len(rows) == len(texts)


@forms
def test_row_21_and_22_empty_and_equal_texts_are_kept(tmp_path: Path, form: str) -> None:
    texts = ["", "same", "same", ""]
    corpus = read_corpus(_write(tmp_path, form, texts), min_classes=1, label="label")
    assert corpus.documents.texts.to_pylist() == texts
    assert corpus.duplicate_clusters.tolist() == [0, 1, 1, 0]
    assert "2 rows without any text kept" in corpus.steps


@forms
def test_row_20_one_class_only_is_refused(tmp_path: Path, form: str) -> None:
    with pytest.raises(DataError, match="the one label 'A'"):
        read_corpus(_write(tmp_path, form, ["a", "b", "c"]))


def test_row_16_tables_and_trees_of_one_glob_must_have_the_same_columns(tmp_path: Path) -> None:
    _write(tmp_path, "news.csv", ["a"])
    _write(tmp_path, "ft.zip", ["b"])
    read = tables.read(tmp_path / "*.*")
    assert read.table.select(["text", "label"]).to_pylist() == [
        {"text": "b", "label": "A"},
        {"text": "a", "label": "A"},
    ]
    tables.write(pa.table({"text": ["c"]}), tmp_path / "other.parquet")
    with pytest.raises(DataError, match="differ in the columns label"):
        tables.read(tmp_path / "*.*")
