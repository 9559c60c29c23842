from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsdesk.bundle import Bundle
from newsdesk.data import tables
from newsdesk.types import Documents

Run = Callable[..., Any]
TEXT = "striker scores in cup final"


def test_one_text_gets_its_labels_with_bars(bundle: Path, run: Run) -> None:
    result = run("predict", bundle, TEXT)
    assert result.exit_code == 0, result.stderr
    first, second = result.stdout.splitlines()
    assert first.startswith("SPORT")
    assert "█" in first
    assert second.startswith("BUSINESS")


def test_top_limits_the_labels(bundle: Path, run: Run) -> None:
    assert len(run("predict", bundle, TEXT, "--top", 1).stdout.splitlines()) == 1


def test_json_says_what_python_says(bundle: Path, run: Run) -> None:
    texts = [TEXT, "", "bank raises rates"]
    result = run("predict", bundle, *texts, "--json", "--top", 2)
    found = [json.loads(line) for line in result.stdout.splitlines()]
    expected = Bundle.load(bundle).predict(Documents.from_texts(texts))
    assert [item["labels"][0]["label"] for item in found] == expected.labels
    assert [item["labels"][0]["proba"] for item in found] == expected.proba.max(axis=1).tolist()
    assert [item["low_evidence"] for item in found] == [False, True, False]


def test_stdin_is_answered_line_by_line(bundle: Path, run: Run) -> None:
    lines = f"{TEXT}\n\nbank raises rates".encode()
    piped = run("predict", bundle, stdin=lines).stdout.splitlines()
    assert [line.split("\t")[0] for line in piped] == ["SPORT", "SPORT", "BUSINESS"]
    dashed = run("predict", bundle, "-", "--json", stdin=lines).stdout.splitlines()
    assert [json.loads(line)["text"] for line in dashed] == [TEXT, "", "bank raises rates"]


def test_row_21_a_text_without_a_known_word_is_said_to_be_such(bundle: Path, run: Run) -> None:
    assert "Nothing in the text is known" in run("predict", bundle, "qqq").stdout
    assert "Nothing in the text is known" in run("predict", bundle, "qqq", TEXT).stdout
    assert "Nothing in the text is known" not in run("predict", bundle, TEXT).stdout


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".jsonl"])
def test_a_table_comes_back_with_answers_beside_it(
    ending: str, bundle: Path, run: Run, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / f"out{ending}"
    source.write_text(f"n,headline,description\n7,{TEXT},\n8,NA,bank raises rates\n")
    result = run("predict", bundle, "--file", source, "--out", out)
    assert result.exit_code == 0, result.stderr
    found = tables.read(out).table
    assert found.column_names[:4] == ["n", "headline", "description", "predicted"]
    assert found["headline"].to_pylist() == [TEXT, "NA"]
    assert found["predicted"].to_pylist() == ["SPORT", "BUSINESS"]
    assert "2 rows classified" in result.stdout
    assert "text: headline + description" in result.stderr


def test_a_table_gives_the_answers_of_python(bundle: Path, run: Run, tmp_path: Path) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"title": [TEXT, "bank"]}), source)
    result = run("predict", bundle, "--file", source, "--text", "title", "--out", out, "--json")
    assert json.loads(result.stdout)["n"] == 2
    expected = Bundle.load(bundle).predict(Documents.from_texts([TEXT, "bank"]))
    assert pq.read_table(out)["proba_1"].to_pylist() == expected.proba.max(axis=1).tolist()


def test_bad_rows_are_left_out_when_asked_and_counted(
    bundle: Path, run: Run, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("headline,n\ngood,1\nbad,2,3\n")
    refused = run("predict", bundle, "--file", source, "--out", out)
    assert refused.exit_code == 1
    assert "row 2" in refused.stderr
    assert not out.exists()
    skipped = run("predict", bundle, "--file", source, "--out", out, "--on-bad-row", "skip")
    assert skipped.exit_code == 0, skipped.stderr
    assert "1 row could not be read, left out" in skipped.stderr
    assert "1 row classified" in skipped.stdout


def test_row_9_a_bundle_of_another_digest_is_refused(bundle: Path, run: Run) -> None:
    result = run("predict", bundle, TEXT, "--expect-digest", "0" * 64)
    assert result.exit_code == 1
    assert "expected is 000" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["a text", "--file", "in.csv", "--out", "out.csv"],
        ["--file", "in.csv"],
        ["--out", "out.csv"],
        ["--text", "title"],
        ["--file", "in.csv", "--out", "out.xlsx"],
        ["--top", "0", "a text"],
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    arguments: list[str], bundle: Path, run: Run
) -> None:
    assert run("predict", bundle, *arguments).exit_code == 2
