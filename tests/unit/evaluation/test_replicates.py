from __future__ import annotations

import numpy as np
import pytest

from newsdesk.evaluation.binary import Pair
from newsdesk.evaluation.replicates import Replicates
from newsdesk.evaluation.terms import Terms

PROBA = np.array([[0.7, 0.3], [0.2, 0.8], [0.6, 0.4], [0.4, 0.6]], dtype=np.float32)
Y = np.array([0, 1, 1, 0])
SAMPLES = [np.ones(4), np.array([2.0, 1.0, 1.0, 0.0]), np.array([0.0, 0.0, 2.0, 2.0])]


def test_every_sample_is_measured_as_it_would_be_alone() -> None:
    terms = Terms(PROBA, Y)
    found = Replicates(terms, None, SAMPLES)
    for place, weights in enumerate(SAMPLES):
        alone, _ = terms.measure(weights)
        assert {name: values[place] for name, values in found.averages.items()} == alone
        assert found.gaps[place].tolist() == terms.gaps(weights).tolist()
    assert not found.ranks.size


def test_variances_of_the_classes_are_those_of_the_samples() -> None:
    terms = Terms(PROBA, Y)
    shares = np.array([terms.measure(weights)[1]["f1"] for weights in SAMPLES])
    found = Replicates(terms, None, SAMPLES).variances["f1"]
    assert found == pytest.approx(shares.var(axis=0))


def test_two_classes_are_ranked_too() -> None:
    pair = Pair(PROBA, Y, None)
    found = Replicates(Terms(PROBA, Y), pair, SAMPLES)
    assert found.ranks.tolist() == [list(pair.rank_quality(weights)) for weights in SAMPLES]
