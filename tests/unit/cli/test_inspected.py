from __future__ import annotations

import json

import msgspec
import pyarrow as pa
import pytest

from newsdesk.cli import console, inspected
from newsdesk.data.corpus import read_corpus
from newsdesk.inspection import Inspection, inspect

ROWS = [
    *[("SPORT", f"keeper saves penalty in cup match {i}") for i in range(60)],
    *[("BUSINESS", f"bank raises interest rates {i}") for i in range(30)],
    *[("ODD\x1b[31m", "same text twice"), ("SPORT", "same text twice"), ("SPORT", "")],
]


def found(rows: list[tuple[str, str]] = ROWS) -> Inspection:
    labels, texts = zip(*rows, strict=True)
    table = pa.table({"label": labels, "text": texts})
    return inspect(read_corpus(table, text="text", label="label", min_classes=1))


@pytest.fixture(params=[60, 80, 200])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    console.stdout.cache_clear()
    return int(request.param)


def test_every_part_is_shown_within_the_width(
    width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    inspected.show(found())
    out = capsys.readouterr().out
    for part in ("Classes", "Lengths", "Writing systems", "Duplicates", "Suspicious rows"):
        assert f"\n{part}\n" in out
    # What is to be copied, the texts of clusters, is not broken.
    lines = [line for line in out.splitlines() if " × " not in line]
    assert max(map(len, lines)) <= width


def test_control_characters_do_not_reach_the_terminal(
    width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    inspected.show(found())
    assert "\x1b" not in capsys.readouterr().out


def test_many_classes_are_cut(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    inspected.show(found([(f"class {i}", f"text{i} more{i}") for i in range(200)]))
    assert "and 150 more" in capsys.readouterr().out


def test_nothing_found_is_said(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    inspected.show(found([("A", "!"), ("B", "one two three")]))
    out = capsys.readouterr().out
    assert "Words that give a class away\nNone." in out


def test_the_record_holds_everything() -> None:
    record = json.loads(msgspec.json.encode(inspected.record(found())))
    assert record["n_rows"] == len(ROWS)
    assert record["counts"]["empty"] == 1
    assert record["near"]["largest"][0]["n_rows"] >= 2
    assert any("Fewer than 50 rows" in note for note in record["notes"])


def test_labels_from_right_to_left_and_long_ones_are_readable(
    width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    inspected.show(found([("اقتصاد", "one two three")] * 2 + [("B" * 500, "four five six")]))
    out = capsys.readouterr().out
    assert "“اقتصاد”" in out
    assert not set(out) & set("\u2068\u2069\ufffd")
    assert "B" * 41 not in out.replace("\n", "")
