from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk import training
from newsdesk.bundle import Bundle
from newsdesk.data.corpus import read_corpus

Run = Callable[..., Any]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "other.csv"
    path.write_text(
        "category,headline\n"
        "SPORT,striker scores in cup final\n"
        "SPORT,club wins match\n"
        "BUSINESS,bank raises rates\n"
        "BUSINESS,keeper saves penalty\n"
        "WEATHER,rain again\n"
    )
    return path


def test_every_metric_has_its_interval_and_every_label_its_line(
    bundle: Path, table: Path, run: Run
) -> None:
    result = run("evaluate", bundle, table)
    assert result.exit_code == 0, result.stderr
    accuracy = next(line for line in result.stdout.splitlines() if line.startswith("accuracy"))
    assert accuracy.split() == ["accuracy", "0.7500", "0.3006", "–", "0.9544"]
    for name in ("macro-F1", "log loss", "ROC-AUC", "SPORT", "BUSINESS"):
        assert f"\n{name} " in result.stdout


def test_labels_that_the_bundle_does_not_know_are_counted_apart(
    bundle: Path, table: Path, run: Run
) -> None:
    result = run("evaluate", bundle, table)
    assert "4 rows" in result.stdout
    assert "WEATHER" in result.stdout
    assert json.loads(run("evaluate", bundle, table, "--json").stdout)["n_unseen_label"] == 1


def test_json_says_what_python_says(bundle: Path, table: Path, run: Run) -> None:
    found = json.loads(run("evaluate", bundle, table, "--json", "--quiet").stdout)["metrics"]
    expected = training.evaluate(Bundle.load(bundle), read_corpus(table)).metrics
    assert found["log_loss"] == expected.log_loss
    assert found["intervals"]["macro_f1"] == list(expected.intervals["macro_f1"])


def test_quiet_says_nothing_beside_the_result(bundle: Path, table: Path, run: Run) -> None:
    assert "no description" in run("evaluate", bundle, table).stderr
    assert run("evaluate", bundle, table, "--quiet").stderr == ""


def test_columns_may_be_named(bundle: Path, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("x1,x2,x3\nSPORT,club wins match,a\nBUSINESS,bank raises rates,b\n")
    result = run("evaluate", bundle, path, "--text", "x2,x3", "--label", "x1")
    assert result.exit_code == 0, result.stderr
    assert "x2 (as headline) + x3 (as description)" in result.stderr
