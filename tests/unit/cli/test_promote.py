from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk import store
from newsdesk.bundle import Bundle
from newsdesk.types import Documents, LabelSet

Run = Callable[..., Any]


@pytest.fixture
def home(bundle: Path, tmp_path: Path, run: Run) -> Path:
    """A home that serves the small bundle."""
    assert run("promote", bundle, tmp_path / "home").exit_code == 0
    return tmp_path / "home"


@pytest.fixture(scope="session")
def poor(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that always says the commoner class."""
    texts = Documents.from_texts([f"text {number}" for number in range(40)])
    documents = Documents(texts.ids, {"headline": texts.texts})
    y = np.array([0] * 30 + [1] * 10)
    fitted = Bundle.fit(documents, y, labels=LabelSet(["SPORT", "BUSINESS"]), family="prior")
    folder = tmp_path_factory.mktemp("poor") / "bundle"
    fitted.bundle.save(folder)
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "frozen.csv"
    lines = [
        f"{label},{text} number{number}"
        for number in range(60)
        for label, text in (
            ("SPORT", "striker scores in cup final"),
            ("BUSINESS", "bank raises interest rates"),
        )
    ]
    path.write_text("section,headline\n" + "\n".join(lines) + "\n")
    return path


def test_the_first_promotion_says_what_is_served(bundle: Path, tmp_path: Path, run: Run) -> None:
    result = run("promote", bundle, tmp_path / "home")
    assert result.exit_code == 0, result.stderr
    digest = str(Bundle.load(bundle).digest)
    assert result.stdout == f"{tmp_path / 'home'} serves {digest[:12]} in place of nothing.\n"


@pytest.mark.parametrize("verb", ["predict", "explain", "evaluate"])
def test_a_home_is_taken_in_place_of_a_bundle(
    verb: str, home: Path, bundle: Path, table: Path, run: Run
) -> None:
    rest = [table] if verb == "evaluate" else ["striker scores twice"]
    one, other = (run(verb, place, *rest) for place in (bundle, home))
    assert one.exit_code == other.exit_code == 0
    assert one.stdout == other.stdout


def test_a_refusal_shows_the_table_and_ends_with_two_lines(
    home: Path, poor: Path, table: Path, run: Run
) -> None:
    result = run("promote", poor, home, "--test", table)
    assert result.exit_code == 1
    accuracy = next(line for line in result.stdout.splitlines() if line.startswith("accuracy"))
    assert accuracy.split()[1:5] == ["120", "1.000", "0.500", "-0.5000"]
    assert accuracy.endswith("worse")
    assert "F1 of SPORT" in result.stdout
    *_, problem, remedy = result.stderr.splitlines()
    assert problem.startswith("error: The candidate is not promoted: it is worse (accuracy -50.0")
    assert remedy.startswith("  → Train it better")


def test_a_dry_run_says_what_would_be(
    home: Path, bundle: Path, poor: Path, table: Path, tmp_path: Path, run: Run
) -> None:
    result = run("promote", poor, home, "--test", table, "--margin", "1", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "would serve" in result.stdout
    assert len(store.Home(home).steps) == 1


def test_a_reason_is_kept(home: Path, poor: Path, table: Path, run: Run) -> None:
    result = run("promote", poor, home, "--test", table, "--force", "wrong labels", "--by", "ann")
    assert result.exit_code == 0, result.stderr
    step = store.Home(home).steps[-1]
    assert (step.why, step.by, step.forced) == ("wrong labels", "ann", True)


def test_json_holds_the_comparison(home: Path, poor: Path, table: Path, run: Run) -> None:
    result = run("promote", poor, home, "--test", table, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["promoted"] is False
    assert found["comparison"]["lines"][0]["served"] == 1.0


def test_a_bundle_without_test_rows_is_not_compared(home: Path, poor: Path, run: Run) -> None:
    result = run("promote", poor, home)
    assert result.exit_code == 1
    assert "test rows of the candidate's run cannot be drawn again" in result.stderr
    assert "--test FILE" in result.stderr


def test_a_server_that_does_not_answer_is_an_error_and_the_home_stays(
    bundle: Path, tmp_path: Path, run: Run
) -> None:
    keys = tmp_path / "keys"
    keys.write_text("k" * 20 + os.linesep)
    options = ("--reload", "http://127.0.0.1:1", "--management-key-file", keys)
    result = run("promote", bundle, tmp_path / "home", *options)
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
    assert Bundle.load(tmp_path / "home").digest == Bundle.load(bundle).digest


def test_a_server_without_a_key_is_found_out_before_anything_is_changed(
    bundle: Path, tmp_path: Path, run: Run
) -> None:
    result = run("promote", bundle, tmp_path / "home", "--reload", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert "--management-key-file" in result.stderr
    assert not (tmp_path / "home").exists()
