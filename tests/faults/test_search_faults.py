"""Rows 1, 5 and 7 for a search: killed at any moment it ends as one that was left alone."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from newsdesk.errors import StorageError
from newsdesk.search import search
from newsdesk.search.journal import JOURNAL

# Every fit takes a moment, as real ones do, so that a kill finds some done and some not.
CHILD = """
import os, sys, time
sync = os.fsync
def slow(handle):
    time.sleep(0.02)
    sync(handle)
os.fsync = slow
from newsdesk.search import search
search("sample", rows=400, settings=("bits=12",), folds=3, out=sys.argv[1])
"""
N_FITS = 36


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "search.csv").open(newline="", encoding="utf-8") as file:
        return [{k: v for k, v in line.items() if k != "seconds"} for line in csv.DictReader(file)]


def begin(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], stderr=subprocess.PIPE)


@pytest.mark.slow
def test_row_1_a_search_that_is_killed_again_and_again_ends_as_one_that_is_not(
    tmp_path: Path,
) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    with begin(whole) as child:
        assert child.wait() == 0, child.stderr and child.stderr.read()
    moments = random.Random(7)
    journal, n_lines, n_kills = folder / JOURNAL, 0, 0
    for wanted in sorted(moments.sample(range(1, N_FITS), 4)):
        with begin(folder) as child:
            while not journal.exists() or journal.read_bytes().count(b"\n") < 1 + wanted:
                assert child.poll() is None, child.stderr and child.stderr.read()
                time.sleep(0.001)
            time.sleep(moments.uniform(0, 0.03))
            child.send_signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
        n_kills += 1
        n_now = journal.read_bytes().count(b"\n")
        assert n_now >= n_lines
        n_lines = n_now
    assert n_kills == 4
    with begin(folder) as child:
        assert child.wait() == 0, child.stderr and child.stderr.read()
    assert table(folder) == table(whole)
    digests = [(path / "run" / "bundle" / "manifest.json").read_bytes() for path in (whole, folder)]
    assert digests[0] == digests[1]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        path.name for path in whole.iterdir()
    )


@pytest.mark.slow
def test_row_1_a_search_that_is_killed_while_it_trains_the_best_setting_trains_it_again(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "killed"
    with begin(folder) as child:
        while not list(folder.glob(".run.tmp-*/bundle")):
            assert child.poll() is None, child.stderr and child.stderr.read()
        child.send_signal(signal.SIGKILL)
        child.wait()
    n_lines = (folder / JOURNAL).read_bytes().count(b"\n")
    assert n_lines == 1 + N_FITS
    with begin(folder) as child:
        assert child.wait() == 0, child.stderr and child.stderr.read()
    assert (folder / "run" / "run.toml").exists()
    assert not list(folder.glob(".run.tmp-*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_row_7_a_read_only_folder_is_refused_before_the_first_fit(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError):
        search("sample", rows=100, out=tmp_path / "found")


def test_row_7_a_folder_that_cannot_be_made_is_refused_before_the_data_are_read() -> None:
    with pytest.raises(StorageError):
        search("no such data", out="/proc/newsdesk")
