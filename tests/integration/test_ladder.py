"""A climb on the embedded sample, by the command line."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from newsdesk.bundle import Bundle
from newsdesk.cli.main import app

BUDGET = 20.0


@pytest.fixture
def climbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))
    return CliRunner().invoke(app(), ["train", "sample", "--budget", "20s", "--out", "run"])


@pytest.mark.slow
def test_a_climb_compares_families_and_says_what_was_estimated(climbed: Any) -> None:
    assert climbed.exit_code == 0, climbed.output
    with Path("run/leaderboard.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    families = [line["family"] for line in lines]
    assert {"prior", "linear"} <= set(families)
    # The first is delivered: the best on valid.
    values = [float(line["valid_macro_f1"]) for line in lines]
    assert values == sorted(values, reverse=True)
    assert [line["chosen"] for line in lines] == ["True"] + ["False"] * (len(lines) - 1)
    assert Bundle.load("run/bundle").family == families[0]
    notes = re.sub(r"\s+", " ", climbed.stderr)
    for line in lines:
        assert float(line["estimated_seconds"]) > 0
        assert float(line["total_seconds"]) >= float(line["fit_seconds"])
        name = line["family"]
        assert re.search(rf"{name}: estimated [\d.]+ s, [\d.]+ s are left", notes)
        assert re.search(rf"{name}: valid macro-F1 .* s \(estimated [\d.]+\)", notes)
        assert name in climbed.stdout
    record = tomllib.loads(Path("run/run.toml").read_text(encoding="utf-8"))
    assert record["families"] == [f for f in record["budget"]["rungs"] if f in families]
    assert record["budget"]["seconds"] == BUDGET
    report = Path("run/report.html").read_text(encoding="utf-8")
    assert "Estimated, s" in report
