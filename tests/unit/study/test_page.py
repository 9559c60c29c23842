from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from newsdesk.study import StudyResult, summarise
from newsdesk.study.page import render

Studied = Callable[..., StudyResult]


def test_the_page_has_a_chart_a_table_and_a_sentence_per_factor(studied: Studied) -> None:
    found = studied(vary=["dropout=0|0.9", "rate=0.1|0.2|9"])
    page = render(found, "today")
    assert page.count("<svg ") == 2
    assert page.count("<tr") == (1 + 2) + (1 + 3)
    assert "failed: rate is 9.0." in page
    words = re.sub(r"<[^>]*>", "", page)
    for sentence in summarise(found):
        assert sentence in words, sentence


def test_the_page_loads_nothing(studied: Studied) -> None:
    page = render(studied(vary=["dropout=0|0.9"]), "today")
    without_names = page.replace("http://www.w3.org/1999/xlink", "")
    assert not re.search(r"https?://|<script|@import|url\((?!#)", without_names)
    assert "default-src 'none'" in page


def test_epochs_have_a_chart_of_their_own(studied: Studied) -> None:
    found = studied(family="epochs", vary=["dropout=0|0.9"])
    assert render(found, "today").count("<svg ") == 2


def test_names_are_escaped(studied: Studied) -> None:
    found = studied(vary=["dropout=0|0.9"])
    page = render(replace(found, name="<script>alert(1)</script>", notes=("<b>x</b>",)), "today")
    assert "<script" not in page
    assert "<b>" not in page


def test_equal_studies_give_equal_pages(studied: Studied) -> None:
    first, second = (render(studied(vary=["dropout=0|0.9"]), "today") for _ in range(2))
    assert first == second
