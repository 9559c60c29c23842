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

from newsdesk.cli import search as verb
from newsdesk.search.journal import JOURNAL

Run = Callable[..., Any]
SMALL = ("sample", "--rows", "200", "--grid", "C=0.1|1", "--set", "bits=12", "--folds", "2")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("newsdesk.training.result._LEAST_SECONDS", 0.0)
    return tmp_path


def test_a_search_says_what_came_out_and_where_it_lies(here: Path, run: Run) -> None:
    result = run("search", *SMALL)
    assert result.exit_code == 0, result.stderr
    assert "Of 2 settings, C=" in result.stdout
    assert "best" in result.stdout
    assert "newsdesk predict runs/sample-search/run/bundle" in result.stdout
    assert "C=0.1: macro-F1" in result.stderr
    assert (here / "runs/sample-search/search.html").exists()
    assert (here / "runs/sample-search/run/report.html").exists()


def test_table_fits_eighty_columns(here: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run("search", *SMALL, "--grid", "word_ngrams=1,1|1,2", "--quiet")
    table = result.stdout.split("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert len(table.splitlines()) == 2 + 4
    assert result.stderr == ""


def test_long_tables_are_cut(here: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "MOST_LINES", 1)
    result = run("search", *SMALL, "--quiet")
    assert "1 more in search.csv." in result.stdout


def test_json_is_everything(here: Path, run: Run) -> None:
    result = run("search", *SMALL, "--out", "mine", "--json")
    found = json.loads(result.stdout)
    assert found["out"] == "mine"
    assert len(found["settings"]) == 2
    assert found["best"]["C"] == found["settings"][0]["C"]
    written = json.loads((here / "mine/run/metrics.json").read_text())
    assert found["run"]["metrics"] == written


def test_a_second_search_gets_a_folder_of_its_own(here: Path, run: Run) -> None:
    run("search", *SMALL)
    assert run("search", *SMALL).exit_code == 0
    assert (here / "runs/sample-search-2/run").is_dir()


def test_an_unfinished_search_goes_on_in_its_folder(here: Path, run: Run) -> None:
    run("search", *SMALL)
    journal = here / "runs/sample-search" / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]))
    result = run("search", *SMALL)
    assert result.exit_code == 0, result.stderr
    assert "2 of 4 fits are done already" in result.stderr
    assert not (here / "runs/sample-search-2").exists()
    assert journal.read_bytes().splitlines()[:3] == [line.rstrip(b"\n") for line in lines[:3]]


def test_a_finished_search_is_replaced_only_when_asked(here: Path, run: Run) -> None:
    assert run("search", *SMALL, "--out", "mine").exit_code == 0
    refused = run("search", *SMALL, "--out", "mine")
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert run("search", *SMALL, "--out", "mine", "--overwrite").exit_code == 0


def test_split_and_test_file_exclude_each_other(run: Run) -> None:
    assert run("search", "sample", "--split", "tail:9", "--test", "test.csv").exit_code == 2


FAILING = {
    "unknown key": ["--grid", "D=1"],
    "out of range": ["--grid", "C=-1|1"],
    "no values": ["--grid", "C="],
    "unknown family": ["--family", "liner"],
    "family without settings": ["--family", "prior"],
    "too many fits": ["--grid", "min_df=" + "|".join(map(str, range(1, 3001)))],
    "unknown split": ["--split", "halves"],
    "too many folds": ["--folds", "5000"],
    "unknown text step": ["--clean", "lowr"],
    "output that cannot be made": ["--out", "/proc/newsdesk"],
}


@pytest.mark.parametrize("arguments", FAILING.values(), ids=FAILING)
def test_a_fault_is_two_lines_and_leaves_nothing(
    arguments: list[str], here: Path, run: Run
) -> None:
    result = run("search", "sample", *arguments, "--quiet")
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
    arguments = ("search", "sample", "--out", "mine", "--set", "bits=12")
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
    assert b"newsdesk search sample --out mine --set bits=12" in said
    n_done = journal.read_bytes().count(b"\n") - 1
    assert 3 <= n_done < 60
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert f"{n_done} of 60 fits are done already" in result.stderr
