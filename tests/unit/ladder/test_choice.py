from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.ladder.choice import EQUAL, choose, given_up, nothing_to_gain
from newsdesk.training.result import Result

Made = Callable[..., Result]


def no_size(_result: Result) -> float:
    raise AssertionError("nobody asks for the size")


def test_the_best_is_delivered_and_the_others_follow_by_valid(made: Made) -> None:
    climbed = [made("a", 0.1), made("b", 0.7), made("c", 0.6), made("d", 0.7)]
    order = [result.family for result in choose(climbed, "accuracy", no_size)]
    assert order == ["b", "d", "c", "a"]


def test_speed_chooses_among_those_that_are_as_good(made: Made) -> None:
    climbed = [made("a", 0.10, 900), made("b", 0.697, 50), made("c", 0.696, 40), made("d", 0.7, 1)]
    assert [r.family for r in choose(climbed, "speed", no_size)] == ["b", "d", "c", "a"]
    assert choose([*climbed, made("e", 0.71, 2)], "speed", no_size)[0].family == "e"


def test_size_chooses_likewise_and_is_asked_only_where_it_matters(made: Made) -> None:
    climbed = [made("a", 0.1), made("bbb", 0.699), made("cc", 0.7)]
    assert choose(climbed, "size", lambda result: len(result.family))[0].family == "cc"
    assert choose(climbed, "size", lambda result: -len(result.family))[0].family == "bbb"
    assert choose(climbed[:2], "size", no_size)[0].family == "bbb"


@given(
    values=st.lists(st.floats(0, 1), min_size=1, max_size=6),
    speeds=st.lists(st.floats(1, 1e6), min_size=6, max_size=6),
    prefer=st.sampled_from(["accuracy", "speed", "size"]),
)
def test_what_is_delivered_is_never_far_from_the_best(
    made: Made, values: list[float], speeds: list[float], prefer: str
) -> None:
    climbed = [made(str(n), *pair) for n, pair in enumerate(zip(values, speeds, strict=False))]
    ordered = choose(climbed, prefer, lambda result: result.costs.predict_docs_per_second)  # type: ignore[arg-type]
    assert sorted(map(id, ordered)) == sorted(map(id, climbed))
    first, *rest = ordered
    best = max(values)
    good = [result for result in climbed if best - result.valid.macro_f1 <= EQUAL]
    assert first in good
    speed = [result.costs.predict_docs_per_second for result in good]
    assert prefer != "speed" or first.costs.predict_docs_per_second == max(speed)
    assert prefer != "size" or first.costs.predict_docs_per_second == min(speed)
    assert prefer != "accuracy" or first.valid.macro_f1 == best
    others = [result.valid.macro_f1 for result in rest]
    assert others == sorted(others, reverse=True)


N = 4000
Y = np.arange(N) % 2
CLUSTERS = np.arange(N)


EVERY = frozenset({"poor", "good", "same", "worse", "better", *"0123"})


def test_two_rungs_of_a_kind_that_bring_nothing_give_it_up(answered: Callable[..., Result]) -> None:
    rng = np.random.default_rng(0)
    poor = answered("poor", Y, rng.random(N) < 0.4)
    wrong = rng.random(N) < 0.1
    good = answered("good", Y, wrong)
    same = answered("same", Y, wrong)
    worse = answered("worse", Y, wrong | (rng.random(N) < 0.02))
    assert given_up([], EVERY, Y, CLUSTERS) is None
    assert given_up([poor, good, same], EVERY, Y, CLUSTERS) is None
    why = given_up([poor, good, same, worse], EVERY, Y, CLUSTERS)
    assert why is not None
    assert why.startswith("same and worse, which know texts by the same things, have each brought")
    better = answered("better", Y, wrong & (rng.random(N) < 0.9))
    assert given_up([poor, good, same, better], EVERY, Y, CLUSTERS) is None


def test_rungs_of_another_kind_are_not_given_up_with_it(answered: Callable[..., Result]) -> None:
    rng = np.random.default_rng(0)
    wrong = rng.random(N) < 0.1
    climbed = [answered(name, Y, wrong) for name in ("good", "same", "worse")]
    assert given_up(climbed, {"good", "same", "worse"}, Y, CLUSTERS) is not None
    assert given_up(climbed, {"better"}, Y, CLUSTERS) is None
    assert given_up(climbed, {"same", "better"}, Y, CLUSTERS) is None
    # Between two rungs of a kind there may be others: they are in a row nevertheless.
    between = answered("better", Y, wrong & (rng.random(N) < 0.9))
    worse = answered("worse", Y, wrong)
    assert given_up([*climbed[:2], between, worse], {"same", "worse"}, Y, CLUSTERS) is not None


def test_too_few_rows_to_tell_give_nothing_up(answered: Callable[..., Result]) -> None:
    y, rng = Y[:60], np.random.default_rng(0)
    rungs = [answered(str(n), y, rng.permutation(60) < 12) for n in range(4)]
    assert given_up(rungs, EVERY, y, CLUSTERS[:60]) is None


def test_rungs_without_a_common_row_give_nothing_up(answered: Callable[..., Result]) -> None:
    wrong = np.random.default_rng(0).random(N) < 0.1
    same = [answered(str(n), Y, wrong) for n in range(4)]
    assert given_up(same, EVERY, Y, CLUSTERS) is not None
    apart = replace(same[3], valid_rows=same[3].valid_rows + N)
    assert given_up([*same[:3], apart], EVERY, Y, CLUSTERS) is None


@pytest.mark.parametrize("value", [0.999, 1.0])
def test_nothing_can_be_gained_beyond_all(made: Made, value: float) -> None:
    sentence = nothing_to_gain([made("a", value)])
    assert sentence is not None
    assert "no rung can bring more" in sentence
    assert nothing_to_gain([made("a", 0.99)]) is None
    assert nothing_to_gain([]) is None
