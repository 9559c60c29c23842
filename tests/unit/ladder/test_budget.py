from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.errors import ConfigError
from newsdesk.ladder.budget import Clock, read_budget

NONSENSE = {
    "": "no span of time",
    "soon": "no span of time",
    "10 minutes": "no span of time",
    "-5m": "no span of time",
    "5m2h": "no span of time",
    "1e3s": "no span of time",
    "nan": "no span of time",
    "٣m": "no span of time",
    "10": "has no unit",
    "1.5": "has no unit",
    "0s": "out of range",
    "0h0m": "out of range",
    "721h": "out of range",
}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1.5h", 5400), ("1h30m", 5400), (" 1H 2m 3s ", 3723)],
)
def test_a_budget_is_hours_minutes_and_seconds(text: str, seconds: float) -> None:
    assert read_budget(text) == seconds


@pytest.mark.parametrize(("text", "why"), NONSENSE.items())
def test_nonsense_is_refused_with_examples(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        read_budget(text)
    assert "1h30m" in caught.value.remedy


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1, 99))
def test_what_is_written_is_what_is_read(hours: int, minutes: int, seconds: int) -> None:
    assert read_budget(f"{hours}h{minutes}m{seconds}s") == 3600 * hours + 60 * minutes + seconds


@given(st.text(max_size=8))
def test_any_text_is_a_budget_or_an_error_of_ours(text: str) -> None:
    try:
        seconds = read_budget(text)
    except ConfigError:
        return
    assert 0 < seconds <= 30 * 24 * 3600


def test_a_clock_runs_from_when_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.perf_counter", lambda: now)
    clock = Clock(60.0, start=now)
    now = 175.0
    assert (clock.spent, clock.left) == (75.0, -15.0)
