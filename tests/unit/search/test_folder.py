from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from newsdesk.errors import StorageError
from newsdesk.search import folder
from newsdesk.search.folder import write
from newsdesk.search.grid import Grid
from newsdesk.search.journal import FoldScore
from newsdesk.search.result import SearchResult, choose, settled
from newsdesk.training import Run

Scored = Callable[..., list[FoldScore]]


@pytest.fixture
def found(grid: Grid, scored: Scored, monkeypatch: pytest.MonkeyPatch) -> SearchResult:
    monkeypatch.setattr(folder, "render", lambda _found, created: f"page of {created}")
    rows: list[list[float | None]] = [[0.3, 0.4], [0.5, 0.5], [0.5, 0.7], [0.5, None]]
    scores = settled(grid, scored(grid, rows))
    return SearchResult(
        "news", grid, scores, *choose(scores), 2, 10, (), cast("Run", SimpleNamespace())
    )


def test_table_has_a_line_per_setting_with_mean_sd_and_folds(
    found: SearchResult, tmp_path: Path
) -> None:
    write(found, tmp_path)
    with (tmp_path / "search.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [(line["word_ngrams"], line["C"]) for line in lines] == [
        ("[1,2]", "0.1"),
        ("[1,1]", "1"),
        ("[1,1]", "0.1"),
        ("[1,2]", "1"),
    ]
    best = lines[0]
    assert (float(best["fold_1"]), float(best["fold_2"])) == (0.5, 0.7)
    assert float(best["mean_macro_f1"]) == pytest.approx(0.6)
    assert float(best["sd_macro_f1"]) == pytest.approx(0.1414, abs=1e-4)
    assert (lines[3]["mean_macro_f1"], lines[3]["failed"]) == ("", "It diverged.")
    assert (tmp_path / "search.html").read_text().startswith("page of 2")


def test_a_folder_that_cannot_be_written_is_said(found: SearchResult, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        write(found, tmp_path / "file")
