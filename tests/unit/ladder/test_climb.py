from __future__ import annotations

from typing import Any

import pytest

from newsdesk import config
from newsdesk.bundle import Bundle, default_params
from newsdesk.errors import ConfigError, DivergedError
from newsdesk.ladder.budget import Clock
from newsdesk.ladder.climb import Climb
from newsdesk.ladder.deadline import OutOfTimeError
from newsdesk.ladder.estimate import Estimate, Estimator
from newsdesk.training.fitting import Fitting

PARAMS = {name: default_params(name) for name in ("prior", "linear")}


@pytest.fixture
def estimated(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each family is estimated at: seconds, an Estimate, or an error."""
    known: dict[str, Any] = {}

    def estimate(_self: Estimator, family: str, _params: object, **_options: object) -> Estimate:
        found = known.get(family, 0.1)
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Estimate) else Estimate(found)

    monkeypatch.setattr(Estimator, "estimate", estimate)
    return known


def climbed(fitting: Fitting, seconds: float = 1000.0) -> Climb:
    climb = Climb(fitting, PARAMS, Clock(seconds))
    climb.run()
    return climb


def test_estimates_stand_beside_what_came(
    fitting: Fitting, said: list[str], estimated: dict[str, Any]
) -> None:
    estimated["linear"] = 12.5
    climb = climbed(fitting)
    assert [result.family for result in climb.results] == ["prior", "linear"]
    account = climb.results[1].account
    assert account is not None
    assert account.estimated_seconds == 12.5
    assert account.total_seconds >= climb.results[1].costs.fit_seconds
    assert account.estimated_memory_mb is not None
    assert account.estimated_memory_mb > 0
    assert climb.results[0].account is not None
    assert climb.results[0].account.estimated_memory_mb is None
    assert climb.fitted == PARAMS
    assert climb.outcomes == {name: {"outcome": "trained"} for name in PARAMS}
    told = "\n".join(said)
    assert "linear: estimated 12.5 s, 99" in told
    assert "(estimated 12.5)" in told
    line = climb.results[1].row(chosen=True)
    assert line["estimated_seconds"] == 12.5
    assert line["total_seconds"] == account.total_seconds


def test_what_does_not_fit_into_the_rest_is_left_out(
    fitting: Fitting, said: list[str], estimated: dict[str, Any]
) -> None:
    estimated["linear"] = Estimate(4321.0, is_least=True)
    climb = climbed(fitting)
    assert [result.family for result in climb.results] == ["prior"]
    outcome = climb.outcomes["linear"]
    assert outcome["estimated_seconds"] == 4321.0
    assert outcome["outcome"].startswith("left out: estimated at least 4321.0 s, 99")
    assert any(line.startswith("linear is left out: estimated at least 4321.0 s") for line in said)


def test_what_does_not_fit_into_memory_is_left_out(
    fitting: Fitting,
    said: list[str],
    estimated: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(config, "available_memory", lambda: 1_000_000)
    climb = climbed(fitting)
    assert [result.family for result in climb.results] == ["prior"]
    assert "0.0 GB are available" in climb.outcomes["linear"]["outcome"]


def test_where_nothing_fits_the_floor_is_trained(
    fitting: Fitting, said: list[str], estimated: dict[str, Any]
) -> None:
    climb = climbed(fitting, seconds=1e-3)
    assert [result.family for result in climb.results] == ["prior"]
    assert climb.results[0].account is not None
    assert "nothing is left" in climb.outcomes["linear"]["outcome"]
    assert any("prior is now, whatever it takes" in line for line in said)


def test_the_floor_is_trained_though_it_was_not_named(
    fitting: Fitting, estimated: dict[str, Any]
) -> None:
    climb = Climb(fitting, {"linear": PARAMS["linear"]}, Clock(1e-3))
    climb.run()
    assert climb.fitted == {"prior": PARAMS["prior"]}


@pytest.mark.parametrize(
    "error",
    [ConfigError("No encoder is here.", remedy="Get one."), OutOfTimeError()],
    ids=["refused", "late"],
)
def test_a_family_that_cannot_be_estimated_does_not_end_the_climb(
    fitting: Fitting, estimated: dict[str, Any], error: Exception
) -> None:
    estimated["prior"] = error
    climb = climbed(fitting)
    assert [result.family for result in climb.results] == ["linear"]
    why = climb.outcomes["prior"]["outcome"]
    assert why.startswith(("left out: No encoder is here", "left out: its trials alone took 40%"))


@pytest.mark.parametrize("error", [DivergedError("It diverged.", remedy="…"), OutOfTimeError()])
def test_a_family_that_fails_does_not_take_the_others_away(
    fitting: Fitting,
    estimated: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    fit = Bundle.fit

    def failing(*documents: Any, **options: Any) -> Any:
        if options["family"] == "linear":
            raise error
        return fit(*documents, **options)

    monkeypatch.setattr(Bundle, "fit", failing)
    climb = climbed(fitting)
    assert [result.family for result in climb.results] == ["prior"]
    assert climb.outcomes["linear"]["outcome"].startswith("left out: ")


def test_a_fit_is_given_up_when_the_budget_is_overdrawn(
    fitting: Fitting, estimated: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(1000.0)
    fit = Bundle.fit

    def slow(*documents: Any, **options: Any) -> Any:
        if options["family"] == "linear":
            monkeypatch.setattr("newsdesk.ladder.deadline.time.perf_counter", lambda: 1e12)
        return fit(*documents, **options)

    monkeypatch.setattr(Bundle, "fit", slow)
    climb = Climb(fitting, PARAMS, clock)
    climb.run()
    assert [result.family for result in climb.results] == ["prior"]
    assert climb.outcomes["linear"]["outcome"].startswith("left out: given up when")


def test_a_climb_with_nothing_to_gain_says_what_it_has_not_tried(
    fitting: Fitting, said: list[str], estimated: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "newsdesk.ladder.climb.nothing_to_gain", lambda found: "Enough." if found else None
    )
    climb = climbed(fitting)
    assert climb.outcomes["linear"] == {"outcome": "not tried"}
    assert "Enough." in said


def test_a_kind_that_is_given_up_is_left_out_and_others_are_not(
    fitting: Fitting, said: list[str], estimated: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def given_up(_found: object, own: Any, *_: object) -> str | None:
        return "its like bring nothing" if "linear" in own else None

    monkeypatch.setattr("newsdesk.ladder.climb.given_up", given_up)
    monkeypatch.setattr("newsdesk.ladder.climb.of_its_kind", lambda family: {family})
    climb = climbed(fitting)
    assert climb.outcomes["linear"] == {"outcome": "left out: its like bring nothing"}
    assert "linear is left out: its like bring nothing." in said
    assert climb.outcomes["prior"] == {"outcome": "trained"}
