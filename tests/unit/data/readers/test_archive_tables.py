from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import read_corpus
from newsdesk.errors import DataError, RowError, SchemaError

CSV = "headline,label\nRates rise,A\nRain,B\n"
ROWS = [{"headline": "Rates rise", "label": "A"}, {"headline": "Rain", "label": "B"}]


def _zip(tmp_path: Path, files: dict[str, str | bytes], name: str = "news.zip") -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            archive.writestr(member, content)
    return path


def test_one_table_is_read_under_its_own_name(tmp_path: Path) -> None:
    files = {"data/train.csv": CSV, "__MACOSX/data/._train.csv": b"\0", "README.txt": "About"}
    read = tables.read(_zip(tmp_path, files))
    assert read.table.to_pylist() == ROWS
    assert read.files == (f"{tmp_path}/news.zip/data/train.csv",)
    assert read.name == "train"
    assert read.notes == ("1 other file left out: README.txt; 1 hidden or system file passed over",)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet", ".feather"])
def test_tables_of_every_format(tmp_path: Path, suffix: str) -> None:
    tables.write(pa.Table.from_pylist(ROWS), tmp_path / f"news{suffix}")
    path = _zip(tmp_path, {f"news{suffix}": (tmp_path / f"news{suffix}").read_bytes()})
    assert tables.read(path).table.to_pylist() == ROWS


def test_tables_of_the_same_columns_are_joined_and_rows_keep_their_place(tmp_path: Path) -> None:
    files = {"a.csv": CSV + "ragged\nlate,B\n", "b.json": json.dumps(ROWS)}
    read = tables.read(_zip(tmp_path, files), on_bad_row="skip")
    assert read.table["headline"].to_pylist() == [
        "Rates rise",
        "Rain",
        "late",
        "Rates rise",
        "Rain",
    ]
    a, b = (f"{tmp_path}/news.zip/{name}" for name in files)
    assert [read.place(row) for row in (2, 3)] == [(a, 4), (b, 1)]
    assert [(row.file, row.row) for row in read.rejected] == [(a, 3)]
    with pytest.raises(RowError, match=r"news\.zip/a\.csv, row 3"):
        tables.read(_zip(tmp_path, files))


def test_tables_of_other_columns_are_refused_and_one_can_be_named(tmp_path: Path) -> None:
    path = _zip(tmp_path, {"train.csv": CSV, "test.csv": "headline\nx\n"})
    with pytest.raises(SchemaError, match=r"differ in the columns label") as caught:
        tables.read(path)
    assert f"{path}/train.csv" in caught.value.remedy
    assert tables.read(path / "train.csv").table.to_pylist() == ROWS
    assert tables.read(f"{path}/test.csv").n_read == 1
    with pytest.raises(DataError, match=r"holds no file 'tset\.csv'") as missing:
        tables.read(path / "tset.csv")
    assert missing.value.remedy == "It holds test.csv, train.csv."


TREE = {
    "bbc/README.TXT": "About the set",
    "bbc/sport/1.txt": "A late goal",
    "bbc/sport/2.txt": "Café final",
    "bbc/tech/1.txt": "Phones get smaller",
}


@pytest.mark.parametrize("root", ["bbc/", ""], ids=["with-root", "without"])
def test_a_tree_is_read_like_a_folder(tmp_path: Path, root: str) -> None:
    files = {name.replace("bbc/", root): text for name, text in TREE.items()}
    read = tables.read(_zip(tmp_path, files))
    for name, text in TREE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert read.table.equals(tables.read(tmp_path / "bbc").table)
    assert read.table["id"].to_pylist() == ["sport/1.txt", "sport/2.txt", "tech/1.txt"]
    assert read.files == (f"{tmp_path}/news.zip",)
    (note,) = read.notes
    assert ("folder bbc/ taken as the root" in note) is bool(root)
    assert "1 file beside the folders of the classes left out: README.TXT" in note


def test_a_tree_in_parts_can_be_split_by_its_column(tmp_path: Path) -> None:
    files = {
        f"aclImdb/{part}/{label}/{n}_7.txt": f"{label} {n}"
        for part in ("train", "test")
        for label in ("pos", "neg")
        for n in range(3)
    }
    corpus = read_corpus(_zip(tmp_path, {**files, "aclImdb/train/unsup/0_0.txt": "?"}))
    assert corpus.labels.names == ("neg", "pos")
    assert corpus.extra["split"].to_pylist() == ["test"] * 6 + ["train"] * 6


def test_a_binary_file_in_a_tree_is_a_bad_row(tmp_path: Path) -> None:
    path = _zip(tmp_path, {**TREE, "bbc/tech/logo.png": b"\x89PNG\0"})
    with pytest.raises(RowError, match=r"news\.zip, row 4: tech/logo\.png"):
        tables.read(path)
    assert tables.read(path, on_bad_row="skip").n_read == 3


def test_text_files_are_tables_where_no_other_table_is(tmp_path: Path) -> None:
    files = {"train.txt": "__label__A x\n", "test.txt": "__label__B y\n", "LICENSE.txt": "Free"}
    read = tables.read(_zip(tmp_path, files))
    assert read.table["text"].to_pylist() == ["x", "y"]


def test_pictures_do_not_make_a_table_a_tree(tmp_path: Path) -> None:
    pictures = {f"images/cat/{n}.jpg": b"\xff\xd8" for n in range(5)}
    assert tables.read(_zip(tmp_path, {"train.csv": CSV, **pictures})).table.to_pylist() == ROWS


@pytest.mark.parametrize(
    "files", [{}, {"README.md": "x", "logo.png": "y"}, {"__MACOSX/a.csv": CSV}]
)
def test_an_archive_without_data_is_refused_with_what_it_holds(
    tmp_path: Path, files: dict[str, str | bytes]
) -> None:
    with pytest.raises(DataError, match="holds no table and no folders of texts") as caught:
        tables.read(_zip(tmp_path, files))
    assert all(name in caught.value.problem for name in files)


@pytest.mark.parametrize("name", ["inner.zip", "train.csv.gz", "old/news.tar", "a.7z"])
def test_an_archive_in_an_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = _zip(tmp_path, {"train.csv": CSV, name: gzip.compress(b"x")})
    with pytest.raises(DataError, match=f"holds '{name}', an archive in an archive"):
        tables.read(path)


def test_progress_is_told_of_each_table(tmp_path: Path, progress: Any) -> None:
    tables.read(_zip(tmp_path, {"a.csv": CSV, "b.csv": CSV}), progress=progress)
    assert progress.tasks == {f"reading {name}.csv": [len(CSV)] * 2 for name in "ab"}
