from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.bad_rows import BadRows
from newsdesk.data.label_map import LabelMap
from newsdesk.data.selection import Selection, select
from newsdesk.errors import LabelError

OPTIONS = {"merge": None, "classes": None, "rows": None, "seed": 0}


def _select(labels: Any, **options: Any) -> Selection:
    read = tables.read(pa.table({"label": labels}))
    return select(read, "label", BadRows("skip", None), **{**OPTIONS, **options})


def test_rows_are_those_of_the_table_after_every_step() -> None:
    chosen = _select(
        ["A", None, "B", "C", "A", "D"], merge=LabelMap("m", 1, {"D": "B"}), classes=["A", "B"]
    )
    assert chosen.rows.tolist() == [0, 2, 4, 5]
    assert chosen.labels.to_pylist() == ["A", "B", "A", "B"]
    assert chosen.steps[0] == "1 row rejected: 0 could not be read, 1 had no label"


def test_more_rows_than_there_are_keeps_all() -> None:
    chosen = _select(["A", "B"], rows=5)
    assert chosen.rows.tolist() == [0, 1]
    assert "5 rows asked for, all 2 kept" in chosen.steps


def test_selection_down_to_one_class_is_refused() -> None:
    with pytest.raises(LabelError, match="All 2 rows have the one label 'A'"):
        _select(["A", "A", "B"], classes="A")


def test_labels_that_look_like_several_are_taken_where_each_row_is_known_to_have_one() -> None:
    labels = ["A", "B"] * 5 + ["A, B"]
    with pytest.raises(LabelError, match="Only one label per row"):
        _select(labels)
    assert len(_select(labels, one_label=True).rows) == 11
