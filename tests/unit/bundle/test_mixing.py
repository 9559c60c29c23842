from __future__ import annotations

import numpy as np
import pytest

from newsdesk.bundle.mixing import (
    LEAST_WEIGHT,
    Held,
    choose_weights,
    cross_pool,
    fit_weights,
    mix,
    pool,
)
from newsdesk.types import Floats, Indices


def answers(y: Indices, share_right: float, n_classes: int = 3, seed: int = 0) -> Floats:
    """Calibrated answers of a member that is right about a share of the rows."""
    rng = np.random.default_rng(seed)
    right = rng.random(len(y)) < share_right
    said = np.where(right, y, rng.integers(0, n_classes, len(y)))
    own = share_right + (1 - share_right) / n_classes
    proba = np.full((len(y), n_classes), (1 - own) / (n_classes - 1), np.float32)
    proba[np.arange(len(y)), said] = own
    return proba


Y = np.arange(600) % 3


def loss(proba: Floats, y: Indices = Y) -> float:
    return float(-np.log(proba[np.arange(len(y)), y]).mean())


def test_members_that_err_apart_get_weights_by_what_they_know() -> None:
    good, fair, nothing = (answers(Y, share, seed=own) for own, share in enumerate((0.8, 0.6, 0)))
    weights = choose_weights([good, fair, nothing], Y)
    assert weights[0] > weights[1] > 0
    assert weights[2] == 0
    assert weights.sum() == pytest.approx(1)
    assert loss(np.exp(mix([good, fair, nothing], weights))) < min(loss(good), loss(fair))


def test_the_weights_are_those_of_the_smallest_loss() -> None:
    pair = [answers(Y, share, seed=own) for own, share in enumerate((0.8, 0.6))]
    weight = choose_weights(pair, Y)[0]
    grid = np.linspace(0, 1, 201)
    losses = [loss(np.exp(mix(pair, [share, 1 - share]))) for share in grid]
    assert weight == pytest.approx(grid[int(np.argmin(losses))], abs=0.01)


def test_a_member_that_knows_better_of_every_row_is_alone() -> None:
    own = np.array([[0.9, 0.8, 0.9], [0.5, 0.5, 0.6]])
    assert fit_weights(own) == pytest.approx([1, 0], abs=1e-4)


def test_twins_share_alike() -> None:
    own = np.random.default_rng(0).random(50)
    assert fit_weights(np.stack([own, own])).tolist() == [0.5, 0.5]


def test_what_is_held_impossible_and_happens_is_survived() -> None:
    own = np.array([[0.0, 0.0], [0.0, 0.9]])
    weights = fit_weights(own)
    assert np.isfinite(weights).all()
    assert weights.sum() == pytest.approx(1)


def test_no_weight_is_too_small_to_matter() -> None:
    members = [answers(Y, share, seed=own) for own, share in enumerate((0.9, 0.3, 0.2, 0.1, 0))]
    weights = choose_weights(members, Y)
    assert all(weight == 0 or weight >= LEAST_WEIGHT for weight in weights)
    assert weights.sum() == pytest.approx(1)


def test_a_mixture_is_the_weighted_mean() -> None:
    one, other = (np.array([row], np.float32) for row in ([0.2, 0.8], [0.6, 0.4]))
    assert np.exp(mix([one, other], [0.75, 0.25])) == pytest.approx(np.array([[0.3, 0.7]]))
    assert np.array_equal(mix([one, other], [1, 0]), np.log(one))
    assert np.isfinite(mix([np.array([[0, 1]], np.float32)], [1.0])).all()


def held(*shares_right: float) -> list[Held]:
    """Members whose scores are those of answers, sharpened."""
    return [
        Held(2 * np.log(answers(Y, share, seed=own)), "logits")
        for own, share in enumerate(shares_right)
    ]


def test_members_are_calibrated_before_they_are_weighed() -> None:
    pair = held(0.8, 0.6)
    weights, calibrator = pool(pair, Y)
    plain = [answers(Y, share, seed=own) for own, share in enumerate((0.8, 0.6))]
    assert weights == pytest.approx(choose_weights(plain, Y), abs=0.05)
    assert 0.5 < calibrator.temperature < 1.1  # a mixture is not sure enough of itself


def test_each_half_is_answered_by_what_the_other_chose() -> None:
    pair = held(0.8, 0.6)
    crossed = cross_pool(pair, Y)
    assert crossed.sum(axis=1) == pytest.approx(np.ones(len(Y)), abs=1e-6)
    assert loss(crossed) < min(loss(answers(Y, 0.8, seed=0)), loss(answers(Y, 0.6, seed=1)))
    # Other labels of the even rows change the answers to the odd ones alone.
    shuffled = Y.copy()
    shuffled[::2] = Y[::-1][::2]
    assert np.array_equal(cross_pool(pair, shuffled)[::2], crossed[::2])
    assert not np.array_equal(cross_pool(pair, shuffled)[1::2], crossed[1::2])


def test_one_row_is_enough() -> None:
    one = Held(np.array([[0.2, 0.8]], np.float32), "logits")
    other = Held(np.array([[0.2, -0.8]], np.float32), "margins")
    assert cross_pool([one, other], np.array([1])).shape == (1, 2)
    assert pool([one, other], np.array([1]))[0].sum() == pytest.approx(1)
