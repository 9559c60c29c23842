from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from newsdesk.errors import StorageError
from newsdesk.study import StudyResult
from newsdesk.study.folder import write

Studied = Callable[..., StudyResult]


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_tables_charts_and_page_are_written(studied: Studied, tmp_path: Path) -> None:
    found = studied(family="epochs", vary=["dropout=0|0.9", "kind=a|b"])
    write(found, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "study.csv",
        "factors.csv",
        "study.html",
        "charts",
    }
    assert {path.name for path in (tmp_path / "charts").iterdir()} == {
        f"{name}.{kind}"
        for name in ("dropout", "dropout-epochs", "kind", "kind-epochs")
        for kind in ("png", "svg")
    }


def test_tables_hold_what_was_found(studied: Studied, tmp_path: Path) -> None:
    found = studied(vary=["dropout=0|0.9", "rate=0.1|9"])
    write(found, tmp_path)
    fits, levels = lines(tmp_path / "study.csv"), lines(tmp_path / "factors.csv")
    assert [line["dropout"] for line in fits] == ["0", "0", "0.9", "0.9", "0", "0"]
    assert float(fits[0]["valid_accuracy"]) == found.fits[0]["valid_accuracy"]
    assert fits[-1]["valid_accuracy"] == ""
    assert fits[-1]["failed"] == "rate is 9.0."
    assert [(line["factor"], line["level"]) for line in levels] == [
        ("dropout", "0"),
        ("dropout", "0.9"),
        ("rate", "0.1"),
        ("rate", "9"),
    ]


def test_a_folder_that_cannot_be_written_is_said(studied: Studied, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"study\.csv cannot be written"):
        write(studied(vary=["dropout=0|0.9"]), tmp_path / "file")
