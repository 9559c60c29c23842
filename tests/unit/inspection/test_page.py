from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from newsdesk.data.corpus import Corpus
from newsdesk.inspection import inspect
from newsdesk.inspection.page import render

Make = Callable[..., Corpus]
Show = Callable[[Corpus], Any]

HOSTILE = (
    "</title></style><script>alert(1)</script>\"'><img src=x onerror=alert(2)> $\\frac$ {{ 7 }}"
)


@pytest.fixture
def page(parsed: Callable[[str], Any]) -> Show:
    """Parse the page of a corpus."""
    return lambda corpus: parsed(render(inspect(corpus)))


def rows(k: int, n: int = 6) -> list[tuple[str, str]]:
    return [(f"class {i}", f"word{i} text{i} number{j}") for i in range(k) for j in range(n)]


@pytest.mark.parametrize("k", [1, 2, 13, 14, 31, 400])
def test_the_page_is_well_formed_and_loads_nothing(make: Make, page: Show, k: int) -> None:
    found = page(make(rows(k, 2)))
    names = {name for name, _ in found.tags}
    assert not names & {"script", "img", "link", "iframe", "object"}
    attributes = [pair for _, item in found.tags for pair in item.items()]
    assert not [name for name, _ in attributes if name in ("src", "srcset", "onclick")]
    assert all(str(value).startswith("#") for name, value in attributes if name == "href")
    (policy,) = [item for _, item in found.tags if item.get("http-equiv")]
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_what_comes_from_rows_is_escaped(make: Make, page: Show) -> None:
    again = [(f"{HOSTILE} {i}", f"{HOSTILE} twin") for i in range(2)]
    found = page(make([*again, (HOSTILE, f"{HOSTILE}\ufffd"), ("plain", "rates rise")]))
    names = {name for name, _ in found.tags}
    assert not names & {"script", "img"}
    assert "<script>alert(1)</script>" in found.words
    assert "{{ 7 }}" in found.words


def test_right_to_left_texts_keep_their_direction(make: Make, page: Show) -> None:
    texts = ["البنك يرفع أسعار الفائدة مرة أخرى"] * 2
    found = page(make([("اقتصاد", text) for text in texts] + [("体育", "今天的体育")]))
    assert any(item.get("dir") == "auto" for name, item in found.tags if name == "p")
    assert "体育" in found.words


def test_many_classes_are_folded_and_cut(make: Make, page: Show) -> None:
    found = page(make(rows(400, 2)))
    assert "270 smaller classes" in found.words
    assert "And 100 more" in found.words
    assert "388 others" in found.words


def test_few_classes_are_not_folded(make: Make, page: Show) -> None:
    assert "smaller classes" not in page(make(rows(30, 2))).words


@pytest.mark.parametrize("poor", [[("A", "")], [("A", ""), ("B", "!")], [("A", "same words")] * 3])
def test_poor_corpora_have_a_page(make: Make, page: Show, poor: list[tuple[str, str]]) -> None:
    assert "Looked for and not found" in page(make(poor)).words


def test_leaks_and_conflicts_are_shown(make: Make, page: Show) -> None:
    leaking = [("A", "one two three"), ("B", "one two three"), ("A", "four five six")]
    found = page(make(leaking, published_test=[False, True, False]))
    assert "Test rows in train" in found.words
    assert "The largest with several labels" in found.words


def test_the_page_is_light(make: Make) -> None:
    assert len(render(inspect(make(rows(1000, 2))))) < 1_000_000


def test_the_same_rows_give_the_same_page(make: Make) -> None:
    assert render(inspect(make(rows(5)))) == render(inspect(make(rows(5))))
