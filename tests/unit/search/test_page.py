from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pytest

from newsdesk.search import SearchResult, search
from newsdesk.search import page as room
from newsdesk.search.page import render, summarise

News = Callable[..., pa.Table]


@pytest.fixture(scope="module")
def found(news: News) -> SearchResult:
    return search(news(), grid=("word_ngrams=1,1|1,2", "C=0.1|1"), settings=("bits=12",), folds=3)


def test_summary_says_best_simplest_and_test(found: SearchResult) -> None:
    first, second, last = summarise(found)
    best = found.best
    assert first.startswith(f"Of 4 settings, {best.setting.name} has the highest mean macro-F1")
    assert f"{best.mean:.4f} ± {2 * (best.sd or 0):.4f}" in first
    assert "simple" in second
    assert f"is {found.run.metrics.macro_f1:.4f} (95 % interval" in last


def test_summary_names_a_simpler_setting_where_there_is_one(found: SearchResult) -> None:
    other = next(score for score in found.scores if score is not found.best)
    sentence = summarise(replace(found, simplest=other))[1]
    assert sentence.startswith(f"{other.setting.name} is simpler and within one standard error")
    assert summarise(replace(found, simplest=found.best))[1].startswith("No simpler setting")


def test_a_best_value_at_the_edge_of_the_grid_is_said(found: SearchResult) -> None:
    def said(values: tuple[float, ...]) -> bool:
        grid = replace(found.grid, values=found.grid.values | {"C": values})
        return any("may be better" in sentence for sentence in summarise(replace(found, grid=grid)))

    best = found.best.setting.values["C"]
    assert said((best, best + 1, best + 2))
    assert said((best - 0.02, best - 0.01, best))
    assert not said((best - 0.01, best, best + 1))
    assert not said((best, best + 1))


def test_page_holds_every_setting_and_loads_nothing(found: SearchResult) -> None:
    page = render(found, "today")
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"https?://|<script|@import|url\(", page)
    for score in found.scores:
        assert f"{score.mean:.4f}" in page
    assert page.count("<tr") == 1 + 4
    assert page.count('class="ring"') == 1


def test_names_are_escaped(found: SearchResult) -> None:
    page = render(replace(found, name="<script>alert(1)</script>", notes=("<b>x</b>",)), "today")
    assert "<script" not in page
    assert "<b>" not in page


def test_a_long_table_is_cut(found: SearchResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_ROWS", 3)
    page = render(found, "today")
    assert page.count("<tr") == 1 + 3
    assert "1 more in search.csv" in page


def test_a_grid_without_numbers_is_drawn_as_rows(news: News) -> None:
    rows = search(news(), grid=("fields=together|first",), settings=("bits=12",), folds=2)
    page = render(rows, "today")
    assert "Each row is a setting: fields." in page
