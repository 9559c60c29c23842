"""Every form of a table gives the rows that were written, and loses none in silence."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.data import tables
from newsdesk.data.readers.json_documents import document_rows

Row = tuple[str, str]
Write = Callable[[list[Row]], str]

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
# Every character that means something to a reader, and some that must not.
CHARS = st.sampled_from([*'ab",;{}[]:\\\t\n\r \x0b\u2028\u3000é日🎉=', "__label__", "null"])
CELL = st.one_of(TEXT, st.lists(CHARS, max_size=8).map("".join))
NAME = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zs"]), min_size=1, max_size=8
)


def _csv(rows: list[Row]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("label", "text"), *rows])
    return buffer.getvalue()


def _records(rows: list[Row]) -> list[dict[str, str]]:
    return [{"label": label, "text": text} for label, text in rows]


def _columns(rows: list[Row]) -> dict[str, list[str]]:
    return {"label": [label for label, _ in rows], "text": [text for _, text in rows]}


def _positions(rows: list[Row]) -> dict[str, dict[str, str]]:
    return {
        name: {str(n): cell for n, cell in enumerate(column)}
        for name, column in _columns(rows).items()
    }


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2)


def _split(rows: list[Row]) -> str:
    return json.dumps({"columns": ["label", "text"], "data": rows})


WRITERS: dict[str, tuple[str, Write]] = {
    "csv": (".csv", _csv),
    "lines": (".jsonl", lambda rows: "\n".join(map(json.dumps, _records(rows)))),
    "array": (".json", lambda rows: json.dumps(_records(rows), ensure_ascii=False)),
    "pretty array": (".json", lambda rows: _pretty(_records(rows))),
    "under a key": (".json", lambda rows: _pretty({"n": len(rows), "data": _records(rows)})),
    "columns": (".json", lambda rows: json.dumps(_columns(rows))),
    "pretty columns": (".json", lambda rows: _pretty(_columns(rows))),
    "positions": (".json", lambda rows: json.dumps(_positions(rows))),
    "split": (".json", _split),
    "pretty objects": (".json", lambda rows: "\n".join(map(_pretty, _records(rows)))),
}
PACKS = st.sampled_from(["plain", "gz", "zip"])


def _read(content: bytes, suffix: str, pack: str, **options: object) -> tables.TableRead:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"rows{suffix}")
        if pack == "zip":
            path = Path(folder, "rows.zip")
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"rows{suffix}", content)
        elif pack == "gz":
            path = Path(folder, f"rows{suffix}.gz")
            path.write_bytes(gzip.compress(content))
        else:
            path.write_bytes(content)
        return tables.read(path, **options)


def _rows(read: tables.TableRead) -> list[Row]:
    return [(row["label"], row["text"]) for row in read.table.to_pylist()]


@given(
    rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6),
    form=st.sampled_from(sorted(WRITERS)),
    pack=PACKS,
)
@settings(deadline=None, max_examples=400)
def test_what_is_written_in_any_form_is_read_back(rows: list[Row], form: str, pack: str) -> None:
    suffix, write = WRITERS[form]
    options = {"delimiter": ","} if suffix == ".csv" else {}
    read = _read(write(rows).encode(), suffix, pack, encoding="utf-8", **options)
    assert _rows(read) == rows
    assert read.n_rejected == 0


@given(
    rows=st.lists(st.tuples(NAME, CELL), min_size=1, max_size=6),
    suffix=st.sampled_from([".ft", ".txt", ".train"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    pack=PACKS,
)
@settings(deadline=None, max_examples=200)
def test_fasttext_lines_are_read_back_or_rejected(
    rows: list[Row], suffix: str, end: str, pack: str
) -> None:
    rows = [(label, text.replace("\n", " ").replace("\r", " ")) for label, text in rows]
    content = end.join(f"__label__{label} {text}" for label, text in rows)
    read = _read(content.encode(), suffix, pack, encoding="utf-8", on_bad_row="skip")
    assert read.n_read + read.n_rejected == len(rows)
    assert [_rows(read)[n] for n in range(read.n_read)] == [
        (rows[place][0], rows[place][1].strip(" \t\v\f\0")) for place in read.positions.tolist()
    ]
    assert all("__label__" in rows[bad.row - 1][1] for bad in read.rejected)


@given(
    texts=st.dictionaries(
        st.tuples(st.sampled_from("AB"), st.integers(0, 30)),
        st.one_of(TEXT.map(lambda text: text.replace("\0", "").encode()), st.binary(max_size=8)),
        min_size=1,
        max_size=6,
    ),
    zipped=st.booleans(),
)
@settings(deadline=None, max_examples=200)
def test_files_of_a_tree_are_read_or_rejected(
    texts: dict[tuple[str, int], bytes], zipped: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "news")
        for (label, number), content in texts.items():
            path = root / label / str(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        source = root
        if zipped:
            source = Path(folder, "news.zip")
            with zipfile.ZipFile(source, "w") as archive:
                for path in root.rglob("*"):
                    if path.is_file():
                        archive.write(path, path.relative_to(root))
        read = tables.read(source, on_bad_row="skip", encoding="utf-8")
    assert read.n_read + read.n_rejected == len(texts)
    for row in read.table.to_pylist():
        label, number = row["id"].split("/")
        content = texts[label, int(number)]
        assert (row["label"], row["text"]) == (label, content.decode("utf-8-sig"))
    for bad in read.rejected:
        label, number = bad.raw.split("/")
        content = texts[label, int(number)]
        assert b"\0" in content or "\ufffd" in content.decode("utf-8", "replace")


@given(data=st.lists(CHARS, max_size=30).map("".join))
@settings(deadline=None, max_examples=300)
def test_any_text_is_a_document_lines_or_refused(data: str) -> None:
    content = "{" + data
    try:
        document = document_rows(content.encode(), "x.json")
    except ValueError as error:
        assert type(error).__module__ == "newsdesk.errors"  # noqa: PT017  any of the tree
    else:
        assert document is None or document.rows
