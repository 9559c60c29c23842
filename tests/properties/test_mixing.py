from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from newsdesk.bundle.mixing import choose_weights, fit_weights, mix
from newsdesk.types import Floats

own_probabilities = st.tuples(st.integers(1, 5), st.integers(1, 60)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(0, 1, allow_subnormal=False))
)


def loss(mixed: np.ndarray) -> float:
    return float(-np.log(mixed).mean())


@given(own_probabilities)
def test_weights_sum_to_one_and_are_no_worse_than_the_best_member(own: np.ndarray) -> None:
    weights = fit_weights(own)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    known = np.maximum(own, 1e-9)
    best = min(loss(member) for member in known)
    # After t steps no mixture is better by more than log(n_members) / t.
    assert loss(weights @ known) <= best + np.log(len(own)) / 5000 + 1e-6


@given(own_probabilities)
def test_the_order_of_members_and_rows_does_not_matter(own: np.ndarray) -> None:
    weights = fit_weights(own)
    assert fit_weights(own[::-1])[::-1] == pytest.approx(weights, abs=1e-3)
    assert fit_weights(own[:, ::-1]) == pytest.approx(weights, abs=1e-3)


@st.composite
def answers(draw: st.DrawFn) -> list[Floats]:
    n_members, n = draw(st.integers(1, 4)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    made = rng.dirichlet(np.full(3, draw(st.floats(0.05, 5))), (n_members, n))
    return [member.astype(np.float32) for member in made]


@given(answers(), st.integers(0, 2**32))
def test_a_mixture_of_probabilities_is_one(proba: list[Floats], seed: int) -> None:
    y = np.random.default_rng(seed).integers(0, 3, len(proba[0]))
    weights = choose_weights(proba, y)
    mixed = np.exp(mix(proba, weights))
    assert mixed.sum(axis=1) == pytest.approx(np.ones(len(y)), abs=1e-5)
    lowest, highest = np.min(proba, axis=0), np.max(proba, axis=0)
    assert (mixed >= lowest - 1e-6).all()
    assert (mixed <= highest + 1e-6).all()
