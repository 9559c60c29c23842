from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import read_corpus
from newsdesk.data.split import draw
from newsdesk.errors import DataError, RowError, SchemaError, StorageError

NEWS = {
    "sport/1.txt": "A late goal",
    "sport/2018/2.txt": "Café final\r\nno one watches",
    "tech/1.txt": "Phones get smaller\n",
    "tech/2.txt": "",
}


def _folder(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def test_each_file_is_a_document_of_its_folder(tmp_path: Path) -> None:
    read = tables.read(_folder(tmp_path / "news", NEWS))
    assert read.table.to_pylist() == [
        {"id": "sport/1.txt", "label": "sport", "text": "A late goal"},
        {"id": "sport/2018/2.txt", "label": "sport", "text": "Café final\r\nno one watches"},
        {"id": "tech/1.txt", "label": "tech", "text": "Phones get smaller\n"},
        {"id": "tech/2.txt", "label": "tech", "text": ""},
    ]
    assert (read.name, read.notes) == ("news", ("one folder per class: 2 classes",))
    assert read.place(2) == (str(tmp_path / "news"), 3)


def test_a_folder_is_a_corpus_with_paths_as_ids(tmp_path: Path) -> None:
    corpus = read_corpus(_folder(tmp_path / "news", NEWS))
    assert corpus.documents.ids.to_pylist()[1] == "sport/2018/2.txt"
    assert corpus.labels.names == ("sport", "tech")
    assert "1 row without any text kept" in corpus.steps


def test_parts_by_folders_can_be_the_split(tmp_path: Path) -> None:
    files = {
        f"20news-bydate-{part}/{label}/{n}": f"{label} {n}"
        for part in ("train", "test")
        for label in ("alt.atheism", "sci.med")
        for n in range(20)
    }
    corpus = read_corpus(_folder(tmp_path, files))
    split = draw(corpus, "column:split")
    assert len(split.test) == 40
    assert all("-test/" in corpus.documents.ids[row].as_py() for row in split.test.tolist())


def test_hidden_files_and_links_out_are_passed_over_and_told(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "news", {**NEWS, "sport/.DS_Store": b"\0", ".git/x/y": "z"})
    _folder(tmp_path, {"secret.txt": "secret", "other/1.txt": "other"})
    (folder / "sport" / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "out").symlink_to(tmp_path / "other")
    (folder / "round").symlink_to(folder)
    (folder / "sport" / "nowhere").symlink_to(tmp_path / "nowhere")
    (folder / "tech" / "again.txt").symlink_to(folder / "tech" / "1.txt")
    os.mkfifo(folder / "tech" / "pipe")
    read = tables.read(folder)
    assert read.table["id"].to_pylist() == [
        *("sport/1.txt", "sport/2018/2.txt", "tech/1.txt", "tech/2.txt", "tech/again.txt")
    ]
    (note,) = read.notes
    assert "2 hidden or system files passed over: .git, sport/.DS_Store" in note
    assert "4 links passed over: out, round, sport/nowhere, sport/out.txt" in note
    assert "1 special file passed over: tech/pipe" in note


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "tech/9: "),
        (b"NUL \x00 in text", "the file is no text, for it holds NUL bytes"),
        (b"one \xff byte", r"byte \xff is no valid text in the encoding UTF-8"),
        ("é".encode() * 51, "the text has 102 bytes, more than the 100 that are read"),
        (b"x" * 500, "the text has 500 bytes"),
    ],
    ids=["picture", "nul", "utf-8", "long", "giant"],
)
def test_a_file_that_is_no_text_is_a_bad_row(tmp_path: Path, content: bytes, reason: str) -> None:
    folder = _folder(tmp_path / "news", {**NEWS, "tech/9": content})
    with pytest.raises(RowError, match=r"news, row 5: tech/9: ") as caught:
        tables.read(folder, max_field_bytes=100)
    assert reason in str(caught.value)
    read = tables.read(
        folder, on_bad_row="quarantine", quarantine=tmp_path / "bad", max_field_bytes=100
    )
    assert (read.n_read, read.n_rejected) == (4, 1)
    assert "tech/9" in (tmp_path / "bad" / "news.rejected.jsonl").read_text()


def test_a_file_that_cannot_be_read_is_a_bad_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path, NEWS)
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "2.txt" and path.parent.name == "tech":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(RowError, match=r"row 4: tech/2.txt: .*cannot be read \(Permission denied"):
        tables.read(folder)
    assert tables.read(folder, on_bad_row="skip").n_read == 3


def test_a_folder_that_cannot_be_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path, NEWS)
    scandir = os.scandir

    def refuse(path: Path) -> Any:
        if Path(path).name == "tech":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(StorageError, match="tech cannot be listed: Permission denied"):
        tables.read(folder)


def test_encodings_are_found_file_by_file(tmp_path: Path) -> None:
    files = {"a/1": "naïve café", "a/2": "naïve café".encode("latin-1"), "b/1": b"plain"}
    files["b/2"] = "naïve\n".encode("utf-16")
    folder = _folder(tmp_path, files)
    read = tables.read(folder)
    assert read.table["text"].to_pylist() == ["naïve café", "naïve café", "plain", "naïve\n"]
    (note,) = read.notes
    assert "encoding Windows-1252 (Latin-1) found in 1 file" in note
    assert "encoding UTF-16 (little-endian) found in 1 file" in note
    files = {"a/1": b"caf\xe9", "b/1": b"\xff\xfe\xfd"}
    read = tables.read(_folder(tmp_path / "named", files), encoding="latin-1")
    assert read.table["text"].to_pylist() == ["café", "ÿþý"]


def test_file_names_that_are_no_text_are_shown(tmp_path: Path) -> None:
    folder = _folder(tmp_path, NEWS)
    with open(os.fsencode(folder) + b"/tech/caf\xe9", "w") as file:  # noqa: PTH123  no text path
        file.write("x")
    assert tables.read(folder).table["id"].to_pylist()[-1] == "tech/caf\\xe9"


@pytest.mark.parametrize(
    ("files", "pattern"),
    [
        ({"train.csv": "a,b\n", "test.csv": "a,b\n", "README": "x"}, "*.csv"),
        ({"2018/a.jsonl": "{}", "2019/b.jsonl": "{}"}, "**/*.jsonl"),
        ({"a.csv.gz": b"", "b.csv.gz": b""}, "*.csv.gz"),
    ],
)
def test_a_folder_of_tables_is_answered_with_the_glob(
    tmp_path: Path, files: dict[str, str | bytes], pattern: str
) -> None:
    with pytest.raises(SchemaError, match="is a folder of tables") as caught:
        tables.read(_folder(tmp_path, files))
    assert f'"{tmp_path / pattern}"' in caught.value.remedy


def test_a_folder_without_class_folders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no texts in a folder per class") as caught:
        tables.read(_folder(tmp_path, {"1.txt": "a", "2.txt": "b"}))
    assert "folder of its own" in caught.value.remedy


def test_one_folder_alone_is_one_class(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the one label 'sport'"):
        read_corpus(_folder(tmp_path, {"sport/2018/1": "a", "sport/2019/1": "b"}))


def test_progress_is_told_of_all_bytes(tmp_path: Path, progress: Any) -> None:
    tables.read(_folder(tmp_path / "news", NEWS), progress=progress)
    size = sum(len(content.encode()) for content in NEWS.values())
    assert progress.tasks == {"reading news": [size, size]}
