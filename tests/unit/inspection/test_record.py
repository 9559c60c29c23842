from __future__ import annotations

from collections.abc import Callable

from newsdesk.data.corpus import Corpus
from newsdesk.inspection import inspect
from newsdesk.inspection.record import KINDS

Make = Callable[..., Corpus]

ROWS = [
    *[("SPORT", f"keeper saves penalty in cup match {i}", "sport today") for i in range(60)],
    *[("BUSINESS", f"bank raises interest rates {i}", "") for i in range(30)],
    *[("ODD", "", "")],
    *[("ODD", "same text twice", ""), ("SPORT", "same text twice", "")],
]


def test_rows_are_counted_by_kind(make: Make) -> None:
    found = inspect(make(ROWS))
    assert tuple(found.counts) == KINDS
    assert found.counts["empty"] == 1
    assert found.counts["duplicates"] == 1
    assert found.counts["conflicts"] == 2
    assert found.counts["leaks"] == 0
    assert found.leaks is None


def test_leaks_are_counted_where_a_split_came_with_the_rows(make: Make) -> None:
    rows = [("A", "one two three"), ("B", "four five six"), ("A", "one two three")]
    found = inspect(make(rows, published_test=[False, False, True]))
    assert (found.counts["leaks"], found.counts["near_leaks"]) == (1, 1)
