from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra feedback")

from newsdesk.feedback import Correction, open_store

Run = Callable[..., Any]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Three corrections a day apart, the first one accepted."""
    path = tmp_path / "feedback.db"
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=3)
    days = iter(start + dt.timedelta(days=n) for n in range(9))
    with open_store(path, clock=lambda: next(days)) as store:
        first = store.add(
            Correction(
                fields={"headline": "=1+1 rates", "description": "Bank"},
                label="BUSINESS",
                predicted="SPORTS",
                score=0.936,
                model="news",
                digest="d1",
                comment="a \x1b[31mremark",
            )
        )
        store.add(Correction(fields={"headline": "Cup final"}, label="SPORTS"))
        store.add(Correction(fields={"headline": "Oil \x1b[31m"}, label="BUSI\x07NESS"))
        store.decide(first.id, "accept")
    return path


def ids(run: Run, db: Path, *options: str) -> list[str]:
    listed = json.loads(run("feedback", "list", db, "--order", "oldest", "--json", *options).stdout)
    return [entry["id"] for entry in listed["corrections"]]


def statuses(run: Run, db: Path) -> list[str]:
    listed = json.loads(run("feedback", "list", db, "--order", "oldest", "--json").stdout)
    return [entry["status"] for entry in listed["corrections"]]


def test_a_list_for_people_has_no_control_characters(run: Run, db: Path) -> None:
    result = run("feedback", "list", db)
    assert result.exit_code == 0
    assert "93.6 %" in result.stdout
    assert "BUSI\ufffdNESS" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stdout.index("Cup final") < result.stdout.index("=1+1")


def test_a_list_for_programs_has_everything(run: Run, db: Path) -> None:
    listed = json.loads(run("feedback", "list", db, "--status", "accepted", "--json").stdout)
    (entry,) = listed["corrections"]
    assert entry["fields"] == {"headline": "=1+1 rates", "description": "Bank"}
    assert (entry["label"], entry["predicted"], entry["score"]) == ("BUSINESS", "SPORTS", 0.936)
    assert entry["created_at"].endswith("Z")
    assert listed["after"] is None


def test_lists_are_filtered_and_go_on(run: Run, db: Path) -> None:
    everything = ids(run, db)
    assert ids(run, db, "--label", "SPORTS") == everything[1:2]
    first = json.loads(
        run("feedback", "list", db, "--order", "oldest", "--limit", 2, "--json").stdout
    )
    assert f"--after {first['after']}" in run(
        "feedback", "list", db, "--order", "oldest", "--limit", 2
    ).stdout.replace("\n", "")
    assert ids(run, db, "--after", first["after"]) == everything[2:]


@pytest.mark.parametrize(("verb", "status"), [("accept", "accepted"), ("reject", "rejected")])
def test_decisions_by_id(run: Run, db: Path, verb: str, status: str) -> None:
    every = ids(run, db)
    result = run("feedback", verb, db, *every[1:])
    assert (result.exit_code, result.stdout) == (0, f"{status.capitalize()}:  2\n")
    assert statuses(run, db) == ["accepted", status, status]


def test_an_unknown_id_is_an_error_and_the_others_are_decided(run: Run, db: Path) -> None:
    result = run("feedback", "accept", db, "nonsense", ids(run, db)[1])
    assert result.exit_code == 1
    assert "There is no correction nonsense." in result.stderr
    assert statuses(run, db)[1] == "accepted"


def test_counts(run: Run, db: Path) -> None:
    found = json.loads(run("feedback", "stats", db, "--json").stdout)
    assert found["n"] == 3
    assert found["by_status"] == {"waiting": 2, "accepted": 1, "rejected": 0}
    shown = run("feedback", "stats", db).stdout
    assert "waiting" in shown
    assert "model digest" in shown
    assert "\x07" not in shown


def test_accepted_ones_are_written_as_a_table(run: Run, db: Path, tmp_path: Path) -> None:
    run("feedback", "accept", db, ids(run, db)[1])
    result = run("feedback", "export", db, "--out", tmp_path / "a.parquet")
    assert result.exit_code == 0
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column_names == ["headline", "description", "label", "id"]
    assert table["headline"].to_pylist() == ["=1+1 rates", "Cup final"]
    assert table["description"].to_pylist() == ["Bank", ""]
    assert table["id"].to_pylist() == ids(run, db)[:2]
    run("feedback", "export", db, "--out", tmp_path / "a.jsonl")
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["headline"] == "=1+1 rates"


def test_csv_for_people_disarms_formulas_unless_raw(run: Run, db: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    run("feedback", "export", db, "--out", out)
    assert pa_csv.read_csv(out)["headline"].to_pylist() == ["'=1+1 rates"]
    found = json.loads(run("feedback", "export", db, "--out", out, "--raw", "--json").stdout)
    assert found == {"out": str(out), "n": 1}
    assert pa_csv.read_csv(out)["headline"].to_pylist() == ["=1+1 rates"]


def test_a_suffix_of_no_format_is_wrong_usage(run: Run, db: Path, tmp_path: Path) -> None:
    assert run("feedback", "export", db, "--out", tmp_path / "a.xyz").exit_code == 2


def test_deletion_asks_first(run: Run, db: Path) -> None:
    every = ids(run, db)
    refused = run("feedback", "delete", db, every[0], stdin="n\n")
    assert refused.exit_code == 1
    assert "Delete 1 correction from" in refused.stdout
    assert len(ids(run, db)) == 3
    assert run("feedback", "delete", db, every[0], stdin="y\n").exit_code == 0
    assert ids(run, db) == every[1:]


def test_deletion_by_age(run: Run, db: Path) -> None:
    every = ids(run, db)
    result = run("feedback", "delete", db, "--older-than", "1.5", "--yes")
    assert (result.exit_code, result.stdout) == (0, "Deleted:  2\n")
    assert ids(run, db) == every[2:]


@pytest.mark.parametrize("words", [[], ["an id", "--older-than", "3"]])
def test_deletion_needs_one_way_to_say_what(run: Run, db: Path, words: list[str]) -> None:
    assert run("feedback", "delete", db, *words, "--yes").exit_code == 2
    assert len(ids(run, db)) == 3


@pytest.mark.parametrize("verb", ["review", "list", "stats"])
def test_a_store_that_does_not_exist_is_not_made(run: Run, tmp_path: Path, verb: str) -> None:
    result = run("feedback", verb, tmp_path / "none.db")
    assert result.exit_code == 1
    assert "No such file" in result.stderr
    assert not list(tmp_path.iterdir())


def test_review_decides_one_by_one(run: Run, db: Path) -> None:
    result = run("feedback", "review", db, stdin="a\nr\n")
    assert result.exit_code == 0
    assert "1 accepted, 1 rejected, 0 skipped" in result.stdout
    assert statuses(run, db) == ["accepted", "accepted", "rejected"]


@pytest.mark.parametrize(
    "verb", ["review", "list", "export", "stats", "accept", "reject", "delete"]
)
def test_every_verb_has_help_with_a_whole_sentence(run: Run, verb: str) -> None:
    result = run("feedback", verb, "--help")
    assert result.exit_code == 0
    assert result.stdout.split("\n\n")[1].strip().endswith(".")
