from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest

from newsdesk.cli import console, studied
from newsdesk.study import StudyResult, study


@pytest.fixture(scope="module")
def found() -> StudyResult:
    return study(
        "sample", rows=200, vary=["C=0.01|0.45|5", "min_df=1|2"], settings=["bits=12"], seeds=2
    )


def test_the_record_is_everything_in_plain_values(found: StudyResult) -> None:
    record = json.loads(msgspec.json.encode(studied.record(found)))
    assert record["base"] == {"C": 0.45, "min_df": 2}
    assert len(record["levels"]) == 3 + 2
    assert len(record["fits"]) >= 4 * 2
    assert record["seeds"] == [0, 1]
    assert len(record["sentences"]) >= 4
    assert set(record["recommended"]) == {"C", "min_df"}


@pytest.fixture
def shown(
    found: StudyResult, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], str]:
    monkeypatch.setenv("COLUMNS", "80")
    console.stdout.cache_clear()

    def show() -> str:
        studied.show(found)
        return capsys.readouterr().out

    return show


def test_tables_and_sentences_fit_eighty_columns(shown: Callable[[], str]) -> None:
    lines = shown().splitlines()
    assert max(map(len, lines)) <= 80
    first = next(line for line in lines if line.startswith("C "))
    assert first.split() == ["C", "train", "valid", "range", "gap", "loss", "to", "base", "95", "%"]
    assert sum("*" in line.split() for line in lines if "recommended" not in line) == 2
    assert any(line.startswith("min_df: ") for line in lines)
