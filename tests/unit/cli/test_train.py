from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.bundle import Bundle
from newsdesk.cli.train import free_folder

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("huffpost", "huffpost"),
        ("data/My News (2).csv", "My-News--2"),
        ("data/*.csv", "run"),
        ("a.b.jsonl", "a.b"),
        ("Zürich.csv", "Zürich"),
    ],
)
def test_folder_is_named_after_the_data(data: str, name: str, tmp_path: Path) -> None:
    assert free_folder(data, tmp_path) == tmp_path / name


def test_folder_never_stands_already(tmp_path: Path) -> None:
    (tmp_path / "bbc").mkdir()
    (tmp_path / "bbc-2").mkdir()
    assert free_folder("bbc", tmp_path) == tmp_path / "bbc-3"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_training_writes_a_folder_and_says_what_came_out(here: Path, run: Run) -> None:
    result = run("train", "sample", "--family", "prior", "--rows", "200")
    assert result.exit_code == 0, result.stderr
    assert (here / "runs/sample/bundle/manifest.json").exists()
    assert "prior names the right one of 8 classes" in result.stdout
    assert "runs/sample/report.html" in result.stdout
    assert "newsdesk predict runs/sample/bundle" in result.stdout
    assert "200 rows of 960 drawn with seed 0" in result.stderr
    again = run("train", "sample", "--family", "prior", "--rows", "200", "--quiet")
    assert "runs/sample-2/report.html" in again.stdout
    assert again.stderr == ""


def test_the_search_for_near_duplicates_can_be_left_out(here: Path, run: Run) -> None:
    options = ("train", "sample", "--family", "prior", "--rows", "200")
    result = run(*options, "--no-near-duplicates")
    assert result.exit_code == 0, result.stderr
    assert "near-duplicates were not looked for" in result.stderr
    assert "near_duplicates = false" in (here / "runs/sample/run.toml").read_text()
    assert "near-duplicates were not looked for" not in run(*options).stderr


def test_json_is_the_leaderboard_and_the_metrics(here: Path, run: Run) -> None:
    result = run("train", "sample", "--family", "prior", "--out", "mine", "--json")
    found = json.loads(result.stdout)
    written = json.loads((here / "mine/metrics.json").read_text())
    assert found["out"] == "mine"
    assert found["leaderboard"][0]["family"] == "prior"
    assert found["leaderboard"][0]["test_macro_f1"] == written["macro_f1"]
    assert found["metrics"] == written


def test_an_existing_folder_is_replaced_only_when_asked(here: Path, run: Run) -> None:
    arguments = ("train", "sample", "--family", "prior", "--out", "mine")
    assert run(*arguments).exit_code == 0
    refused = run(*arguments)
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert run(*arguments, "--overwrite").exit_code == 0


def test_bad_rows_are_set_aside_when_asked(here: Path, run: Run) -> None:
    rows = [f"story number {n},{'AB'[n % 2]}" for n in range(40)]
    Path("in.csv").write_text("\n".join(["text,label", *rows, "one,too,many", "no label,", ""]))
    arguments = ("train", "in.csv", "--family", "prior", "--on-bad-row", "quarantine")
    result = run(*arguments, "--quarantine", "aside")
    assert result.exit_code == 0, result.stderr
    rejected = Path("aside/in.rejected.jsonl").read_text().splitlines()
    assert len(rejected) == 2


def test_text_steps_are_named_in_any_order(here: Path, run: Run) -> None:
    result = run("train", "sample", "--clean", "lower, html", "--out", "mine", "--quiet")
    assert result.exit_code == 0, result.stderr
    assert Bundle.load("mine/bundle").cleaner.steps == ("html", "lower")


def test_accepted_corrections_are_trained_on(here: Path, run: Run) -> None:
    pytest.importorskip("sqlalchemy", reason="needs the extra feedback")
    from newsdesk.feedback import Correction, open_store

    with open_store("feedback.db") as store:
        added = store.add(
            Correction(fields={"headline": "Storm floods two towns"}, label="WEATHER")
        )
        store.decide(added.id, "accept")
    words = ("train", "sample", "--family", "prior", "--rows", "200")
    result = run(*words, "--with-feedback", "feedback.db")
    assert result.exit_code == 0, result.stderr
    assert "feedback: 1 accepted correction: 1 added to train" in result.stderr
    assert "of 9 classes" in result.stdout
    missing = run(*words, "--with-feedback", "none.db")
    assert missing.exit_code == 1
    assert "none.db" in missing.stderr


def test_a_budget_climbs_and_says_what_it_takes(here: Path, run: Run) -> None:
    options = ("--rows", "200", "--family", "linear,prior", "--budget", "5m", "--prefer", "size")
    result = run("train", "sample", *options)
    assert result.exit_code == 0, result.stderr
    assert "prior: estimated" in result.stderr
    assert "linear: valid macro-F1" in result.stderr
    assert "estimated" in result.stdout.splitlines()[0]
    found = json.loads(run("train", "sample", *options, "--json", "--quiet").stdout)
    assert {line["family"] for line in found["leaderboard"]} == {"linear", "prior"}
    assert all(line["estimated_seconds"] is not None for line in found["leaderboard"])


def test_split_and_test_file_exclude_each_other(run: Run) -> None:
    result = run("train", "sample", "--split", "random:0.2", "--test", "test.csv")
    assert result.exit_code == 2


FAILING = {
    "missing file": ["missing.csv"],
    "unknown data set": ["huffpos"],
    "unknown column": ["in.csv", "--text", "headlin"],
    "unknown family": ["sample", "--family", "liner"],
    "no family": ["sample", "--family", ""],
    "unknown setting": ["sample", "--set", "Q=1"],
    "setting out of range": ["sample", "--set", "C=-1"],
    "setting without value": ["sample", "--set", "C"],
    "unknown text step": ["sample", "--clean", "html,stem"],
    "unknown split": ["sample", "--split", "halves"],
    "one class only": ["one.csv"],
    "budget without a unit": ["sample", "--budget", "10"],
    "preference without a budget": ["sample", "--prefer", "speed"],
    "unknown map": ["sample", "--labels", "nowhere.toml"],
    "output below a file": ["sample", "--out", "in.csv/run"],
    "output that cannot be made": ["sample", "--out", "/proc/newsdesk"],
}


@pytest.mark.parametrize("arguments", FAILING.values(), ids=FAILING)
def test_a_fault_is_two_lines_and_leaves_nothing(
    arguments: list[str], here: Path, run: Run
) -> None:
    Path("in.csv").write_text("text,label\nrates rise,A\nclub wins,B\n")
    Path("one.csv").write_text("text,label\nrates rise,A\nclub wins,A\n")
    result = run("train", *arguments, "--quiet")
    assert result.exit_code == 1
    problem, remedy = result.stderr.splitlines()
    assert problem.startswith("error: ")
    assert not problem.startswith("error: unexpected")
    assert remedy.startswith("  → ")
    assert result.stdout == ""
    assert {path.name for path in here.iterdir()} <= {"in.csv", "one.csv", "runs"}
    assert not list(here.glob("runs/**/*"))


def test_options_for_a_teacher_reach_it(here: Path, run: Run) -> None:
    options = ("train", "sample", "--rows", "200", "--family")
    none = run(*options, "linear", "--teacher-share", "0.5")
    assert none.exit_code == 1
    assert "There is no teacher" in none.stderr
    taught = run(*options, "linear", "--teacher", "hybrid,linear")
    assert taught.exit_code == 1
    assert "Family linear cannot be taught" in taught.stderr
    known = run(*options, "static", "--teacher", "linear", "--set", "teacher.bitz=3")
    assert known.exit_code == 1
    assert "No chosen family has a setting 'bitz'" in known.stderr
    climb = run(*options, "static", "--teacher", "linear", "--budget", "1m")
    assert climb.exit_code == 1
    assert "budget has no teacher" in climb.stderr
