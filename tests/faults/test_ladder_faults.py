"""A budget that is none is refused before anything is read, and says what one looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from newsdesk.cli.main import app

NONSENSE = ["", " ", "10", "ten minutes", "-10m", "0m", "5m1h", "1h30", "1e9h", "∞", "10m; rm", "m"]


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app(), list(arguments))


@pytest.mark.parametrize("budget", NONSENSE)
def test_a_nonsensical_budget_is_two_lines_with_examples(
    budget: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("train", "no-such-file.csv", f"--budget={budget}")
    assert done.exit_code == 1
    problem, remedy = done.stderr.splitlines()
    assert problem.startswith("error: Budget ")
    assert "1h30m" in remedy
    assert not list(tmp_path.iterdir())


def test_a_budget_that_is_over_before_it_began_leaves_a_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("train", "sample", "--rows", "200", "--budget", "0.001s", "--out", "run")
    assert done.exit_code == 0, done.output
    assert "prior is now, whatever it takes" in done.stderr
    assert (tmp_path / "run/bundle/manifest.json").exists()
    assert "left out: nothing is left" in (tmp_path / "run/run.toml").read_text()
