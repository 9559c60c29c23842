from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.data.readers.sources import resolve
from newsdesk.errors import DataError, SchemaError


def test_a_glob_means_its_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "c.csv").mkdir()
    for name in ("b.csv", "a.csv", "a.csv.gz"):
        (tmp_path / name).touch()
    found = resolve(tmp_path / "*.csv*")
    assert [source.path.name for source in found] == ["a.csv", "a.csv.gz", "b.csv"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "news[1].csv"
    path.touch()
    assert resolve(path) == [(path, None)]


def test_a_path_may_lead_into_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "News.ZIP"
    path.touch()
    assert resolve(path / "parts" / "train.csv") == [(path, "parts/train.csv")]
    assert resolve(path) == [(path, None)]


@pytest.mark.parametrize(
    "name",
    ["a.tar", "a.tar.gz", "a.tgz", "a.csv.tar.gz", "a.csv.bz2", "a.csv.xz", "a.7z", "A.RAR"],
)
def test_archives_that_are_not_read_are_answered_with_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(SchemaError, match="packed in a way that is not read") as caught:
        resolve(tmp_path / name)
    assert caught.value.remedy.startswith("Unpack it")


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.gz", ".gz"), ("a.xlsx.gz", ".xlsx.gz"), ("a.xlsx", ".xlsx"), ("a", "")]
)
def test_unknown_suffixes_are_shown(tmp_path: Path, name: str, suffix: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(SchemaError, match=f"suffix '{suffix}', of which no format is known"):
        resolve(tmp_path / name)


def test_what_is_not_there_is_missed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        resolve(tmp_path / "news.csv")
    with pytest.raises(DataError, match="There is no folder"):
        resolve(tmp_path / "nowhere.zip" / "news.csv")
