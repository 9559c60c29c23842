from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "news.csv"
    path.write_text(
        "category,headline\n"
        "SPORT,striker scores in cup final\n"
        "SPORT,club wins match\n"
        "SPORT,\n"
        "BUSINESS,bank raises rates\n"
        "BUSINESS,caf&#233; chain grows\n"
        "BUSINESS,club wins match\n",
        encoding="utf-8",
    )
    return path


def test_tables_are_shown_and_notes_go_to_stderr(table: Path, run: Run) -> None:
    result = run("inspect", table)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("6 rows in 2 classes.")
    assert "HTML left" in result.stdout
    assert "text: headline, label: category (guessed)" in result.stderr
    assert run("inspect", table, "--quiet").stderr == ""


def test_json_is_for_programs(table: Path, run: Run) -> None:
    found = json.loads(run("inspect", table, "--json", "--quiet").stdout)
    assert found["counts"]["conflicts"] == 2
    assert found["counts"]["empty"] == 1
    assert [item["n_rows"] for item in found["classes"]] == [3, 3]


def test_a_page_is_written_when_asked(table: Path, tmp_path: Path, run: Run) -> None:
    result = run("inspect", table, "--out", tmp_path / "new" / "page.html")
    assert result.exit_code == 0, result.stderr
    source = (tmp_path / "new" / "page.html").read_text(encoding="utf-8")
    assert source.startswith("<!DOCTYPE html>")
    assert "&amp;#233;" in source
    assert "written:" in result.stderr
    assert list(tmp_path.glob("*.html")) == []


def test_rows_can_be_chosen_as_in_train(table: Path, run: Run) -> None:
    options = ("--classes", "SPORT", "--text", "headline", "--label", "category")
    found = json.loads(run("inspect", table, *options, "--json").stdout)
    assert (found["n_rows"], found["fields"]) == (3, ["headline"])
    assert json.loads(run("inspect", table, "--rows", 2, "--json").stdout)["n_rows"] == 2


def test_examples_are_as_many_as_asked_for(table: Path, run: Run) -> None:
    found = json.loads(run("inspect", table, "--examples", 0, "--json").stdout)
    assert all(item["examples"] == [] for item in found["suspicions"])


def test_forbidden_findings_fail_after_they_were_shown(table: Path, run: Run) -> None:
    result = run("inspect", table, "--fail-on", "empty,html,mojibake")
    assert result.exit_code == 1
    assert "6 rows in 2 classes" in result.stdout
    assert "empty (1), html (1)." in result.stderr
    assert "mojibake" not in result.stderr
    assert run("inspect", table, "--fail-on", "mojibake,leaks").exit_code == 0


def test_unknown_findings_are_refused_before_anything_is_read(run: Run) -> None:
    result = run("inspect", "nowhere.csv", "--fail-on", "mojibak")
    assert result.exit_code == 1
    assert "there is no finding 'mojibak'" in result.stderr
    assert "Did you mean 'mojibake'?" in result.stderr


def test_a_label_is_needed(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("headline\nbank raises rates\nclub wins\n")
    result = run("inspect", path)
    assert result.exit_code == 1
    assert "--label" in result.stderr
