"""Token buckets."""

from __future__ import annotations

import pytest

from newsdesk.serving import rates
from newsdesk.serving.faults import ServingError
from newsdesk.serving.rates import Rates


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def allowed(limit: Rates, client: str, n: int) -> int:
    found = 0
    for _ in range(n):
        try:
            limit.take(client)
        except ServingError:
            continue
        found += 1
    return found


def test_two_seconds_worth_may_come_at_once_and_the_rate_in_the_long_run(clock: Clock) -> None:
    limit = Rates(5.0, clock)
    assert allowed(limit, "a", 100) == 10
    clock.now += 1.0
    assert allowed(limit, "a", 100) == 5
    clock.now += 1000.0
    assert allowed(limit, "a", 100) == 10


def test_clients_do_not_share_a_bucket(clock: Clock) -> None:
    limit = Rates(1.0, clock)
    assert allowed(limit, "a", 9) == allowed(limit, "b", 9) == 2


def test_a_refusal_says_when_a_token_is_there(clock: Clock) -> None:
    limit = Rates(0.1, clock)
    limit.take("a")
    with pytest.raises(ServingError) as caught:
        limit.take("a")
    assert (caught.value.status, caught.value.code) == (429, "rate_limited")
    clock.now += int(caught.value.headers["Retry-After"])
    limit.take("a")


def test_no_rate_bounds_nothing_and_remembers_nobody(clock: Clock) -> None:
    limit = Rates(0.0, clock)
    assert allowed(limit, "a", 1000) == 1000
    assert len(limit) == 0


def test_the_table_is_bounded_and_forgets_who_asked_longest_ago(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "_MOST_CLIENTS", 100)
    limit = Rates(0.001, clock)
    limit.take("busy")
    for number in range(1000):
        limit.take(str(number))
        assert allowed(limit, "busy", 1) == 0
    assert len(limit) == 100
