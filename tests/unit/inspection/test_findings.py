from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from newsdesk.data.corpus import Corpus
from newsdesk.inspection import inspect
from newsdesk.inspection.findings import effective_number

Make = Callable[..., Corpus]

ROWS = [
    *[("SPORT", f"keeper saves penalty in cup match {i}", "sport today") for i in range(60)],
    *[("BUSINESS", f"bank raises interest rates {i}", "") for i in range(30)],
    *[("ODD", "", "")],
    *[("ODD", "same text twice", ""), ("SPORT", "same text twice", "")],
]


def test_classes_come_largest_first_with_their_numbers(make: Make) -> None:
    found = inspect(make(ROWS))
    assert [(item.label, item.n_rows) for item in found.classes] == [
        *(("SPORT", 61), ("BUSINESS", 30), ("ODD", 2)),
    ]
    assert sum(item.share for item in found.classes) == pytest.approx(1)
    assert found.classes[0].n_named == 60
    assert found.classes[0].words.median == 9
    assert "keeper" in found.classes[0].characteristic
    assert found.classes[1].characteristic[0] in {"bank", "raises", "interest", "rates"}
    assert found.imbalance == pytest.approx(30.5)
    assert found.n_small == 2


def test_examples_are_as_many_as_asked_for(make: Make) -> None:
    rows = [("A", f"Word{'abcdefgh'[i]}") for i in range(8)]
    for n in (0, 2):
        (item,) = [
            item for item in inspect(make(rows), n_examples=n).suspicions if item.kind == "one_word"
        ]
        assert (item.n_rows, len(item.examples)) == (8, n)


def test_a_split_that_came_with_the_rows_is_checked_for_leaks(make: Make) -> None:
    rows = [("A", "one two three"), ("B", "four five six"), ("A", "one two three")]
    found = inspect(make(rows, published_test=[False, False, True]))
    assert found.leaks is not None
    assert (found.leaks.n_test, found.leaks.n_exact, found.leaks.n_near) == (1, 1, 1)
    assert found.counts["leaks"] == 1


@pytest.mark.parametrize("flags", [[True, True], [False, False]])
def test_a_split_without_both_parts_is_none(make: Make, flags: list[bool]) -> None:
    found = inspect(make([("A", "one"), ("B", "two")], published_test=flags))
    assert found.leaks is None


def test_the_sections_of_the_sample_are_told_apart() -> None:
    from newsdesk.data.corpus import read_corpus

    found = inspect(read_corpus("sample"))
    assert all(item.characteristic for item in found.classes)
    assert found.writing_systems[0].name == "Latin"
    assert all(pair.words for pair in found.pairs)


def test_everything_can_be_written_as_json(make: Make) -> None:
    values = msgspec.json.decode(msgspec.json.encode(inspect(make(ROWS))))
    assert values["n_rows"] == len(ROWS)
    assert values["classes"][0]["label"] == "SPORT"


def test_the_same_rows_give_the_same_findings(make: Make) -> None:
    assert inspect(make(ROWS)) == inspect(make(ROWS))


@pytest.mark.parametrize(
    "rows",
    [
        [("A", "one row only")],
        [("A", "")],
        [("A", ""), ("B", "")],
        [("A", "same")] * 30,
        [("A", "!"), ("B", "😂"), ("C", "\u0301")],
    ],
)
def test_poor_corpora_are_inspected_too(make: Make, rows: list[tuple[str, str]]) -> None:
    found = inspect(make(rows))
    assert found.n_rows == len(rows)
    assert 1 <= found.effective_classes <= len(found.classes) + 1e-9
    assert found.giveaways == found.pairs == ()


def test_long_work_is_told() -> None:
    from contextlib import contextmanager

    told: dict[str, int] = {}

    class Told:
        @contextmanager
        def task(self, name: str, total: int, unit: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
            def done(n: int) -> None:
                told[name] = told.get(name, 0) + n

            yield done
            assert told[name] == total

    from newsdesk.data.corpus import read_corpus

    inspect(read_corpus("sample", rows=50), progress=Told())
    assert set(told) == {"words", "characters", "near-duplicates"}


def test_effective_number_is_between_one_and_all() -> None:
    assert effective_number(np.array([7])) == pytest.approx(1)
    assert effective_number(np.array([5, 5, 5, 0])) == pytest.approx(3)
    assert 1 < effective_number(np.array([99, 1])) < 1.1
