from __future__ import annotations

import os

import pytest

from newsdesk.models.neural.waiting import wait_briefly


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a test sets goes away again, what stood before comes back.
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_threads_are_told_to_sleep_soon() -> None:
    wait_briefly()
    assert int(os.environ["GOMP_SPINCOUNT"]) < 1000


@pytest.mark.parametrize(
    ("name", "value"), [("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "active")]
)
def test_what_is_set_stays(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    wait_briefly()
    assert os.environ[name] == value
    assert {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys() == {name}
