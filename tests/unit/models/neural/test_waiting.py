from __future__ import annotations

import os
from pathlib import Path

import pytest

from newsdesk.models.neural import waiting
from newsdesk.models.neural.waiting import wait_briefly_if_busy


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a test sets goes away again, what stood before comes back.
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def work(monkeypatch: pytest.MonkeyPatch, stat: Path, *, busy: int) -> None:
    """Let so many of the next hundred ticks be of others."""
    stat.write_text("cpu  1000 0 0 9000 0 0 0 0 0 0\ncpu0 1 1 1 1\n")

    def passing(_seconds: float) -> None:
        stat.write_text(f"cpu  {1000 + busy} 0 0 {9100 - busy} 0 0 0 0 0 0\ncpu0 1 1 1 1\n")

    monkeypatch.setattr(waiting, "_STAT", stat)
    monkeypatch.setattr("time.sleep", passing)


@pytest.mark.parametrize(("busy", "told"), [(0, False), (10, False), (60, True), (100, True)])
def test_threads_are_told_to_sleep_soon_where_others_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, busy: int, told: bool
) -> None:
    work(monkeypatch, tmp_path / "stat", busy=busy)
    wait_briefly_if_busy()
    assert ("GOMP_SPINCOUNT" in os.environ) is told
    assert not told or int(os.environ["GOMP_SPINCOUNT"]) < 1000


def test_a_system_that_does_not_tell_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(waiting, "_STAT", tmp_path / "nothing")
    wait_briefly_if_busy()
    assert "GOMP_SPINCOUNT" not in os.environ


@pytest.mark.parametrize(
    ("name", "value"), [("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "active")]
)
def test_what_is_set_stays(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    work(monkeypatch, tmp_path / "stat", busy=100)
    monkeypatch.setenv(name, value)
    wait_briefly_if_busy()
    assert os.environ[name] == value
    assert {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys() == {name}
