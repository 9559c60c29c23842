from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from newsdesk.bundle import Bundle

Run = Callable[..., Any]


def test_every_step_has_its_line(bundle: Path, tmp_path: Path, run: Run) -> None:
    home, digest = tmp_path / "home", str(Bundle.load(bundle).digest)
    run("promote", bundle, home, "--by", "ann\x1b[31m")
    result = run("history", home)
    assert result.exit_code == 0, result.stderr
    line = next(line for line in result.stdout.splitlines() if "promoted" in line)
    assert digest[:12] in line
    assert "ann\ufffd[31m" in line
    assert f"served now: {digest}" in result.stdout


def test_a_step_that_was_cut_off_is_called_so(bundle: Path, tmp_path: Path, run: Run) -> None:
    home = tmp_path / "home"
    run("promote", bundle, home)
    (home / "CURRENT").unlink()
    assert "promoted, cut off" in run("history", home).stdout
    assert "served now: nothing" in run("history", home).stdout


def test_json_has_everything(bundle: Path, tmp_path: Path, run: Run) -> None:
    home = tmp_path / "home"
    run("promote", bundle, home, "--by", "ann")
    found = json.loads(run("history", home, "--json").stdout)
    (step,) = found["steps"]
    assert (step["step"], step["by"], step["taken"]) == ("promoted", "ann", True)
    assert step["after"] == found["served"]


def test_another_folder_has_no_history(bundle: Path, run: Run) -> None:
    result = run("history", bundle)
    assert result.exit_code == 1
    assert "is no home of versions" in result.stderr
