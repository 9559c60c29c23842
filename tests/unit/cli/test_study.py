from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.study.journal import JOURNAL

Run = Callable[..., Any]
SMALL = (
    *("study", "sample", "--rows", "150", "--vary", "C=0.1|1", "--vary", "min_df=1|2"),
    *("--set", "bits=12", "--seeds", "1"),
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_study_says_what_came_out_and_where_it_lies(here: Path, run: Run) -> None:
    result = run(*SMALL)
    assert result.exit_code == 0, result.stderr
    assert "test rows were not looked at" in result.stdout
    assert "Recommended: " in result.stdout
    assert "runs/sample-study/study.html" in result.stdout
    assert "C=0.1, seed 0: train" in result.stderr
    assert (here / "runs/sample-study/charts/C.png").exists()


def test_json_is_everything_and_quiet_is_quiet(here: Path, run: Run) -> None:
    result = run(*SMALL, "--design", "grid", "--out", "mine", "--json", "--quiet")
    found = json.loads(result.stdout)
    assert result.stderr == ""
    assert found["out"] == "mine"
    assert found["design"] == "grid"
    assert len(found["fits"]) == 6, "the base C besides the two"


def test_an_unfinished_study_goes_on_in_its_folder(here: Path, run: Run) -> None:
    run(*SMALL)
    journal = here / "runs/sample-study" / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]))
    result = run(*SMALL)
    assert result.exit_code == 0, result.stderr
    assert "done already: 2 fits" in result.stderr
    assert not (here / "runs/sample-study-2").exists()


def test_a_finished_study_is_replaced_only_when_asked(here: Path, run: Run) -> None:
    assert run(*SMALL, "--out", "mine").exit_code == 0
    refused = run(*SMALL, "--out", "mine")
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert run(*SMALL, "--out", "mine", "--overwrite").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--split", "tail:9", "--test", "test.csv"],
        ["--design", "x"],
        ["--seeds", "0"],
        ["--most-gap", "-1"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], run: Run) -> None:
    assert run("study", "sample", *arguments).exit_code == 2


FAILING = {
    "unknown key": ["--vary", "D=1|2"],
    "out of range": ["--vary", "C=-1|1"],
    "one level": ["--vary", "C=0.45"],
    "named twice": ["--vary", "C=1", "--vary", "C=2"],
    "unknown family": ["--family", "liner"],
    "family without settings": ["--family", "prior"],
    "too many fits": ["--vary", "min_df=" + "|".join(map(str, range(1, 3001)))],
    "few rows": ["--rows-per-class", "100000"],
    "unknown split": ["--split", "halves"],
    "output that cannot be made": ["--out", "/proc/newsdesk"],
}


@pytest.mark.parametrize("arguments", FAILING.values(), ids=FAILING)
def test_a_fault_is_two_lines_and_leaves_nothing(
    arguments: list[str], here: Path, run: Run
) -> None:
    result = run("study", "sample", *arguments, "--quiet")
    assert result.exit_code == 1
    problem, remedy = result.stderr.splitlines()
    assert problem.startswith("error: ")
    assert not problem.startswith("error: unexpected")
    assert remedy.startswith("  → ")
    assert result.stdout == ""
    assert not list(here.glob("runs/**/*"))


SLOW = """
import os, sys, time
sync = os.fsync
os.fsync = lambda handle: (time.sleep(0.05), sync(handle))[1]
from newsdesk.cli.main import main
sys.argv = ["newsdesk", *sys.argv[1:]]
main()
"""


def test_interrupt_keeps_what_is_done_and_says_how_to_go_on(here: Path, run: Run) -> None:
    arguments = (
        *("study", "sample", "--rows", "150", "--out", "mine", "--set", "bits=12"),
        *("--vary", "C=0.1|0.2|0.3|0.4|0.5|0.6", "--no-confirm"),
    )
    journal = here / "mine" / JOURNAL
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        while not journal.exists() or journal.read_bytes().count(b"\n") < 4:
            assert child.poll() is None
            time.sleep(0.01)
        os.kill(child.pid, signal.SIGINT)
        _, said = child.communicate()
    assert child.returncode == 130
    assert b"What is finished is kept in mine." in said
    assert b"newsdesk study sample --rows 150 --out mine" in said
    n_done = journal.read_bytes().count(b"\n") - 1
    assert 3 <= n_done < 21
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert f"done already: {n_done} fits" in result.stderr
