"""Rows 1, 5 and 7 for a study: killed at any moment it ends as one that was left alone."""

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
from newsdesk.study import study
from newsdesk.study.journal import JOURNAL

# Every fit takes a moment, as real ones do, so that a kill finds some done and some not.
CHILD = """
import os, sys, time
sync = os.fsync
def slow(handle):
    time.sleep(0.02)
    sync(handle)
os.fsync = slow
from newsdesk.study import study
study("sample", rows=200, vary=("C=0.1|1|5", "min_df=1|2"), settings=("bits=12",),
      rows_per_class=None, out=sys.argv[1])
"""
N_FITS = 15


def tables(folder: Path) -> list[list[dict[str, str]]]:
    found = []
    for name in ("study.csv", "factors.csv"):
        with (folder / name).open(newline="", encoding="utf-8") as file:
            lines = csv.DictReader(file)
            found.append([{k: v for k, v in line.items() if k != "seconds"} for line in lines])
    return found


def begin(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], stderr=subprocess.PIPE)


@pytest.mark.slow
def test_row_1_a_study_that_is_killed_again_and_again_ends_as_one_that_is_not(
    tmp_path: Path,
) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    with begin(whole) as child:
        assert child.wait() == 0, child.stderr and child.stderr.read()
    moments = random.Random(7)
    journal, n_lines = folder / JOURNAL, 0
    for wanted in sorted(moments.sample(range(1, N_FITS), 3)):
        with begin(folder) as child:
            while not journal.exists() or journal.read_bytes().count(b"\n") < 1 + wanted:
                assert child.poll() is None, child.stderr and child.stderr.read()
                time.sleep(0.001)
            time.sleep(moments.uniform(0, 0.03))
            child.send_signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
        n_now = journal.read_bytes().count(b"\n")
        assert n_now >= n_lines
        n_lines = n_now
    with begin(folder) as child:
        assert child.wait() == 0, child.stderr and child.stderr.read()
    assert tables(folder) == tables(whole)
    charts = [sorted((path / "charts").iterdir()) for path in (whole, folder)]
    assert [path.read_bytes() for path in charts[0]] == [path.read_bytes() for path in charts[1]]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        path.name for path in whole.iterdir()
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_row_5_a_study_that_is_asked_to_end_can_be_gone_on_with(
    number: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "ended"
    journal = folder / JOURNAL
    with begin(folder) as child:
        while not journal.exists() or journal.read_bytes().count(b"\n") < 4:
            assert child.poll() is None, child.stderr and child.stderr.read()
            time.sleep(0.001)
        child.send_signal(number)
        assert child.wait() == -number
    kept = journal.read_bytes().splitlines()[:4]
    with begin(folder) as child:
        assert child.wait() == 0, child.stderr and child.stderr.read()
    assert journal.read_bytes().splitlines()[:4] == kept
    assert (folder / "study.html").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_row_7_a_read_only_folder_is_refused_before_the_first_fit(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError):
        study("sample", rows=100, out=tmp_path / "found")


def test_row_7_a_folder_that_cannot_be_made_is_refused_before_the_data_are_read() -> None:
    with pytest.raises(StorageError):
        study("no such data", out="/proc/newsdesk")
