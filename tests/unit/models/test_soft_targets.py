from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.soft_targets import SoftTargets, blended, one_hot
from newsdesk.types import Floats

Y = np.array([2, 0, 1])


def draw(n: int, seed: int = 0) -> Floats:
    proba: Floats = np.random.default_rng(seed).dirichlet(np.ones(3), n).astype(np.float32)
    return proba


def test_a_class_is_all_of_the_probability() -> None:
    assert one_hot(Y, 4).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_cross_entropy_with_the_mixture_is_that_of_the_paper(share: float) -> None:
    # Hinton, Vinyals & Dean 2015, section 2: a weighted mean of two cross-entropies.
    teacher, log_p = draw(3), np.log(draw(3, seed=1))
    soft = -(teacher * log_p).sum(axis=1)
    hard = -log_p[np.arange(3), Y]
    found = -(blended(Y, teacher, share) * log_p).sum(axis=1)
    assert found == pytest.approx(share * soft + (1 - share) * hard, rel=1e-5)


def test_a_mixture_is_made_of_probabilities_in_single_precision() -> None:
    found = blended(Y, draw(3).astype(np.float64), 0.7)  # type: ignore[arg-type]
    assert found.dtype == np.float32
    assert found.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)


def test_targets_follow_their_rows() -> None:
    soft = SoftTargets(draw(3), np.array([True, False, True]))
    both = soft.extended(SoftTargets(draw(2, seed=1), np.array([False, False])))
    assert both.proba.tolist() == [*draw(3).tolist(), *draw(2, seed=1).tolist()]
    taken = both.take(np.array([3, 1]))
    assert taken.proba.tolist() == [both.proba[3].tolist(), both.proba[1].tolist()]
    assert taken.labelled.tolist() == [False, False]
    assert both.labelled.tolist() == [True, False, True, False, False]
