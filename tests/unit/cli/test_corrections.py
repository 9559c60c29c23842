from __future__ import annotations

import datetime as dt

import pytest

from newsdesk.cli import console, corrections
from newsdesk.errors import SchemaError
from newsdesk.feedback import Correction, Entry, Stats

WHEN = dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)


def entry(**fields: str) -> Entry:
    return Entry("1", Correction(fields=fields, label="L"), "accepted", WHEN, None)


def test_columns_are_the_fields_of_all() -> None:
    table = corrections.exported([entry(a="x"), entry(b="y", a="z")])
    assert table.to_pydict() == {
        "a": ["x", "z"],
        "b": ["", "y"],
        "label": ["L", "L"],
        "id": ["1", "1"],
    }
    assert corrections.exported([]).column_names == ["label", "id"]


@pytest.mark.parametrize("name", ["label", "id"])
def test_a_field_called_like_a_column_is_refused(name: str) -> None:
    with pytest.raises(SchemaError, match=f"a field '{name}'"):
        corrections.exported([entry(**{name: "x"})])


def test_a_record_says_everything() -> None:
    assert set(corrections.record(entry(a="x"))) >= {"id", "status", "fields", "label", "comment"}


def test_long_texts_are_cut_in_a_table() -> None:
    (cell,) = corrections.table([entry(a="x" * 200)]).columns[6].cells
    assert str(cell).endswith("…")
    assert len(str(cell)) == 60


def test_many_labels_are_counted_and_few_shown(capsys: pytest.CaptureFixture[str]) -> None:
    console.stdout.cache_clear()
    labels = {f"label {n}": 1 for n in range(40)}
    days = {f"2026-03-{n:02}": 1 for n in range(1, 32)} | {"2026-04-01": 2}
    corrections.show_stats(Stats(40, {"waiting": 40}, labels, {"": 40}, days))
    shown = capsys.readouterr().out
    assert "and 10 more" in shown
    assert "label 39" not in shown
    assert "2026-04-01" in shown
    assert "2026-03-01" not in shown
    assert "none" in shown
