"""The known news sets, looked at: what is known of them is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from newsdesk.data.corpus import read_corpus
from newsdesk.inspection import inspect

Find = Callable[[str], Path]


def test_the_leaks_and_the_entities_of_the_bbc_are_found(newsdesk_data: Find) -> None:
    newsdesk_data("bbc/bbc-text.csv")
    found = inspect(read_corpus("bbc"))
    assert found.leaks is not None
    assert (found.leaks.n_test, found.leaks.n_exact) == (445, 31)
    assert found.exact.n_surplus == 99
    assert found.counts["html"] == 25
    assert found.effective_classes == pytest.approx(5, abs=0.05)
    by_label = {item.label: item.characteristic for item in found.classes}
    assert "labour" in by_label["politics"]
    assert "cup" in by_label["sport"]


@pytest.mark.slow
def test_the_renamed_sections_and_the_signatures_of_huffpost_are_found(
    newsdesk_data: Find,
) -> None:
    newsdesk_data("huffpost/news_category_v2.parquet")
    found = inspect(read_corpus("huffpost"))
    pairs = {frozenset([item.first, item.second]) for item in found.pairs}
    for renamed in (
        ("THE WORLDPOST", "WORLDPOST"),
        ("PARENTING", "PARENTS"),
        ("ARTS", "ARTS & CULTURE"),
        ("COLLEGE", "EDUCATION"),
        ("FOOD & DRINK", "TASTE"),
    ):
        assert frozenset(renamed) in pairs
    signatures = {(item.word, item.label) for item in found.giveaways}
    assert ("huffpoststyle", "STYLE & BEAUTY") in signatures
    assert found.counts["empty"] == 5
    assert found.leaks is not None
    assert (found.leaks.n_test, found.leaks.n_exact) == (20_086, 63)
    assert len(found.classes) == 41
