from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from newsdesk.data import tables
from newsdesk.data.corpus import read_corpus

Run = Callable[..., Any]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [f"story {n} of {n % 7},{'AAAB'[n % 4]}" for n in range(100)] + ["story 1 of 1,C"] * 3
    Path("in.csv").write_text("\n".join(["text,label", *rows, ",C", ""]))
    return tmp_path


def test_steps_go_to_stderr_and_sizes_to_stdout(here: Path, run: Run) -> None:
    result = run("prepare", "in.csv", "--balance", "10", "--out", "out.feather")
    assert result.exit_code == 0, result.stderr
    assert "10 rows of each class drawn with seed 0: 24 of 104 rows" in result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["read", "104", "3"] in lines
    assert ["classes", "balanced", "24", "3"] in lines
    assert ["A", "75", "10"] in lines
    assert ["C", "4", "4"] in lines
    assert "Train it:  newsdesk train out.feather" in result.stdout


def test_parts_are_counted_once_there_is_a_split(here: Path, run: Run) -> None:
    arguments = ("prepare", "in.csv", "--split", "tail:20", "--drop-duplicates", "exact")
    result = run(*arguments, "--out", "out.feather", "--quiet")
    assert result.stderr == ""
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["step", "rows", "classes", "train", "valid", "test"] in lines
    assert ["split", "recorded", "104", "3", "67", "17", "20"] in lines


def test_what_was_prepared_is_trained_on_as_it_is(here: Path, run: Run) -> None:
    run("prepare", "in.csv", "--split", "tail:30", "--out", "out.feather")
    result = run("train", "out.feather", "--family", "prior", "--out", "mine", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["metrics"]["n_test"] == 30
    assert found["split"] == "Column split says which rows are train, valid and test."
    assert "split tail:30 recorded in column split" in result.stderr
    assert "read in.csv: 104 rows" in Path("mine/report.html").read_text(encoding="utf-8")


def test_json_has_stages_classes_and_steps(here: Path, run: Run) -> None:
    arguments = ("prepare", "in.csv", "--min-count", "5", "--other", "OTHER", "--drop-empty")
    result = run(*arguments, "--split", "tail:2", "--out", "out.parquet", "--json", "--quiet")
    found = json.loads(result.stdout)
    assert (found["out"], found["n_rows_in"], found["n_rows_out"]) == ("out.parquet", 104, 104)
    assert [stage["name"] for stage in found["stages"]] == [
        "read",
        "rare classes merged",
        "split recorded",
        "empty rows dropped",
    ]
    assert found["stages"][0] == {"name": "read", "n_rows": 104, "n_classes": 3}
    by_label = {item["label"]: item for item in found["classes"]}
    assert (by_label["OTHER"]["before"], by_label["OTHER"]["after"]) == (0, 4)
    assert (by_label["C"]["before"], by_label["C"]["after"]) == (4, 0)
    assert by_label["OTHER"]["n_test"] == 2
    written = read_corpus("out.parquet")
    assert found["fingerprint"] == written.fingerprint
    assert tuple(found["steps"]) == written.steps[: len(found["steps"])]
    assert (found["split_column"], found["cluster_column"]) == ("split", None)


def test_a_file_that_cannot_carry_its_columns_is_trained_on_by_naming_them(
    here: Path, run: Run
) -> None:
    result = run("prepare", "in.csv", "--split", "tail:20", "--out", "my out.csv")
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("Train it:")]
    assert line.endswith(
        "newsdesk train 'my out.csv' --text text --label label --split column:split"
    )
    words = ["--text", "text", "--label", "label", "--split", "column:split"]
    assert run("train", "my out.csv", "--family", "prior", *words).exit_code == 0


def test_very_many_classes_are_cut_in_the_table(here: Path, run: Run) -> None:
    labels = [f"class {n:03}" for n in range(60)]
    table = pa.table({"text": [f"story {n}" for n in range(120)], "label": labels * 2})
    tables.write(table, "many.csv")
    result = run("prepare", "many.csv", "--out", "out.feather", "--quiet")
    assert "class 049" in result.stdout
    assert "class 050" not in result.stdout
    assert "and 10 more labels (--json has all)" in result.stdout


def test_bad_rows_are_set_aside_when_asked(here: Path, run: Run) -> None:
    Path("bad.csv").write_text("text,label\none,A\ntwo,B\none,too,many\nno label,\n")
    arguments = ("prepare", "bad.csv", "--out", "out.feather", "--on-bad-row", "quarantine")
    result = run(*arguments, "--quarantine", "aside")
    assert result.exit_code == 0, result.stderr
    assert len(Path("aside/bad.rejected.jsonl").read_text().splitlines()) == 2


def test_a_file_is_replaced_only_when_asked(here: Path, run: Run) -> None:
    arguments = ("prepare", "in.csv", "--out", "new/out.feather")
    assert run(*arguments).exit_code == 0
    before = Path("new/out.feather").read_bytes()
    refused = run(*arguments, "--balance", "3")
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert Path("new/out.feather").read_bytes() == before
    assert run(*arguments, "--balance", "3", "--overwrite").exit_code == 0
    assert len(read_corpus("new/out.feather")) == 9


def test_a_file_can_be_prepared_onto_itself(here: Path, run: Run) -> None:
    run("prepare", "in.csv", "--out", "out.feather")
    again = run("prepare", "out.feather", "--balance", "2", "--out", "out.feather", "--overwrite")
    assert again.exit_code == 0, again.stderr
    assert len(read_corpus("out.feather")) == 6


def test_a_refused_place_is_told_before_anything_is_read(here: Path, run: Run) -> None:
    result = run("prepare", "missing.csv", "--out", "in.csv")
    assert "in.csv exists already" in result.stderr


WRONG_USAGE = {
    "no rows": ["--balance", "0"],
    "negative": ["--balance=-5"],
    "another word": ["--balance", "most"],
    "other alone": ["--other", "OTHER"],
    "min count of 0": ["--min-count", "0"],
    "other duplicates": ["--drop-duplicates", "some"],
}


@pytest.mark.parametrize("arguments", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_has_exit_code_2(arguments: list[str], here: Path, run: Run) -> None:
    assert run("prepare", "in.csv", "--out", "out.feather", *arguments).exit_code == 2
    assert run("prepare", "in.csv").exit_code == 2


FAILING = {
    "missing file": ["missing.csv", "--out", "out.feather"],
    "unknown suffix": ["in.csv", "--out", "out.xlsx"],
    "no suffix": ["in.csv", "--out", "out"],
    "output below a file": ["in.csv", "--out", "in.csv/out.feather"],
    "output that cannot be made": ["in.csv", "--out", "/proc/newsdesk/out.feather"],
    "one class left": ["in.csv", "--min-count", "50", "--out", "out.feather"],
    "empty name": ["in.csv", "--min-count", "5", "--other", " ", "--out", "out.feather"],
    "unknown split": ["in.csv", "--split", "halves", "--out", "out.feather"],
    "no published split": ["in.csv", "--split", "published", "--out", "out.feather"],
    "taken column": ["taken.csv", "--clusters", "--out", "out.feather"],
}


@pytest.mark.parametrize("arguments", FAILING.values(), ids=FAILING)
def test_a_fault_is_two_lines_and_leaves_nothing(
    arguments: list[str], here: Path, run: Run
) -> None:
    Path("taken.csv").write_text("text,label,cluster\none,A,x\ntwo,B,y\nthree,A,z\n")
    result = run("prepare", *arguments, "--quiet")
    assert result.exit_code == 1
    problem, remedy = result.stderr.splitlines()
    assert problem.startswith("error: ")
    assert not problem.startswith("error: unexpected")
    assert remedy.startswith("  → ")
    assert result.stdout == ""
    assert {path.name for path in here.iterdir()} == {"in.csv", "taken.csv"}
