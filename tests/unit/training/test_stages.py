from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from newsdesk.models.history import Epoch, History, Stage
from newsdesk.training import stages

STAGE = Stage(
    "Language model",
    ("epoch", "perplexity", "moving", "rate"),
    ((1, 1234.5, "layer 2", 1e-3), (2, None, "layer 2, layer 1", 5e-4)),
    ("Epoch 2 was kept.",),
)
EPOCH = Epoch(1, 5, 0.5, 0.5, None, None, None, 1e-3, 1.0)


def test_a_table_holds_the_cells_as_they_are_read() -> None:
    found = stages.table(STAGE)
    assert (found.title, found.columns, found.notes) == (STAGE.title, STAGE.columns, STAGE.notes)
    assert found.rows == (
        ("1", "1,234", "layer 2", "0.001"),
        ("2", "–", "layer 2, layer 1", "0.0005"),
    )


def test_of_hundreds_of_epochs_a_screenful_is_shown_from_the_first_to_the_last() -> None:
    rows = tuple((number, 2.0, "layer", 1e-3) for number in range(1, 301))
    found = stages.table(replace(STAGE, rows=rows))
    shown = [int(row[0]) for row in found.rows]
    assert (len(shown), shown[0], shown[-1]) == (20, 1, 300)
    assert shown == sorted(set(shown))
    assert found.notes == ("20 of 300 rows are shown.", *STAGE.notes)
    assert len(stages.table(replace(STAGE, rows=rows[:20])).rows) == 20


def test_columns_of_numbers_stand_to_the_right() -> None:
    assert stages.table(STAGE).numeric == (True, True, False, True)


def test_a_stage_without_rows_has_a_table_too() -> None:
    found = stages.table(replace(STAGE, rows=()))
    assert found.rows == ()
    assert len(found.numeric) == len(found.columns)


def test_the_stages_are_written_beside_the_epochs(tmp_path: Path) -> None:
    stages.write(History((EPOCH,), 1, (STAGE, STAGE)), tmp_path)
    found = json.loads((tmp_path / "stages.json").read_bytes())
    assert [each["title"] for each in found] == ["Language model"] * 2
    assert found[0]["rows"][1] == [2, None, "layer 2, layer 1", 5e-4]


def test_nothing_is_written_where_there_are_none(tmp_path: Path) -> None:
    stages.write(History((EPOCH,), 1), tmp_path)
    assert not list(tmp_path.iterdir())
