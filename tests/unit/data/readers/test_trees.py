from __future__ import annotations

import pytest

from newsdesk.data.bad_rows import BadRows
from newsdesk.data.readers import trees
from newsdesk.data.readers.content import Reading
from newsdesk.data.readers.trees import TreeFile, is_junk, plan, read_tree
from newsdesk.types import Silent


def _files(*paths: str) -> list[TreeFile]:
    return [TreeFile(path, 1, lambda: b"x") for path in paths]


def _labels(*paths: str) -> list[tuple[str, str, str | None]] | None:
    tree = plan(_files(*paths))
    return None if tree is None else [(each.file.path, *each[1:]) for each in tree.placed]


@pytest.mark.parametrize(
    ("path", "junk"),
    [
        ("sport/.DS_Store", True),
        (".git/sport/1", True),
        ("__MACOSX/sport/1.txt", True),
        ("sport/Thumbs.db", True),
        ("sport/1.txt", False),
        ("a.b/1", False),
    ],
)
def test_junk_of_file_managers(path: str, junk: bool) -> None:
    assert is_junk(path) is junk


def test_first_folder_is_the_class_and_files_are_sorted() -> None:
    assert _labels("tech/2.txt", "sport/b/9", "sport/a/x/1.html", "README") == [
        ("sport/a/x/1.html", "sport", None),
        ("sport/b/9", "sport", None),
        ("tech/2.txt", "tech", None),
    ]
    tree = plan(_files("tech/2", "README", "sport/1"))
    assert tree is not None
    assert tree.notes == ("1 file beside the folders of the classes left out: README",)


@pytest.mark.parametrize(
    ("train", "test"),
    [("train", "test"), ("20news-bydate-train", "20news-bydate-test"), ("Train_v2", "Test_v2")],
)
def test_folders_called_after_parts_hold_the_classes(train: str, test: str) -> None:
    assert _labels(f"{train}/pos/1", f"{test}/neg/1", f"{train}/neg/2", f"{train}/a.feat") == [
        (f"{test}/neg/1", "neg", "test"),
        (f"{train}/neg/2", "neg", "train"),
        (f"{train}/pos/1", "pos", "train"),
    ]


@pytest.mark.parametrize(
    "paths",
    [
        ("train/1", "plane/2"),  # means of transport
        ("train/1", "test/2"),  # files where folders of classes would have to be
        ("train/pos/1", "contest/pos/1"),
        ("train-test/pos/1", "valid/pos/1"),
    ],
)
def test_other_folders_are_classes(paths: tuple[str, ...]) -> None:
    tree = plan(_files(*paths))
    assert tree is not None
    assert {each.label for each in tree.placed} == {path.split("/")[0] for path in paths}
    assert {each.part for each in tree.placed} == {None}


def test_reviews_without_a_label_are_left_out() -> None:
    tree = plan(_files("train/pos/1", "train/neg/1", "train/unsup/1", "train/unsup/2"))
    assert tree is not None
    assert [each.label for each in tree.placed] == ["neg", "pos"]
    assert tree.notes == ("2 files in the folder unsup, which holds no class, left out",)
    assert _labels("unsup/1", "sport/1") is not None


@pytest.mark.parametrize(
    "paths",
    [
        (),
        ("1.txt", "2.txt"),
        ("2018/a.csv", "2019/b.csv"),
        ("train.csv", "images/1.jpg", "images/2.jpg"),
        ("train.csv", "docs/licence.txt"),
    ],
)
def test_what_is_no_tree(paths: tuple[str, ...]) -> None:
    assert _labels(*paths) is None


def test_documents_are_read_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "_CHUNK_ROWS", 2)
    tree = plan(_files("a/1", "a/2", "a/3", "b/1", "b/2"))
    assert tree is not None
    table, note = read_tree("x/news", tree, Reading(BadRows("error", None), 100, Silent()))
    assert table["id"].num_chunks == 3
    assert table["label"].to_pylist() == ["a", "a", "a", "b", "b"]
    assert note == "one folder per class: 2 classes"
