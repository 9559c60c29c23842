import warnings
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from newsdesk.evaluation.calibration import expected_calibration_error
from newsdesk.evaluation.metrics import measure
from newsdesk.types import Floats, Indices, LabelSet

Rows = tuple[Floats, Indices, Indices | None]


@st.composite
def measured(draw: st.DrawFn) -> Rows:
    """Random rows over random classes, some of them absent, with ties now and then."""
    k = draw(st.integers(2, 7))
    n = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    proba = rng.dirichlet(np.full(k, draw(st.sampled_from([0.2, 1.0, 5.0]))), size=n)
    if draw(st.booleans()):
        proba = np.round(proba * 4) + 1
        proba /= proba.sum(axis=1, keepdims=True)
    y = rng.integers(0, draw(st.integers(1, k)), size=n)
    clusters = rng.integers(0, n, size=n) if draw(st.booleans()) else None
    return proba.astype(np.float32), y, clusters


@given(measured())
@settings(max_examples=150, deadline=None)
def test_measure_agrees_with_scikit_learn(rows: Rows) -> None:
    proba, y, clusters = rows
    k = proba.shape[1]
    said = proba.argmax(axis=1)
    found = measure(proba, y, LabelSet(map(str, range(k))), clusters=clusters, n_bootstrap=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for average in ("macro", "weighted"):
            expected = oracle.precision_recall_fscore_support(
                y, said, average=average, zero_division=0
            )
            for name, value in zip(("precision", "recall", "f1"), expected, strict=False):
                assert getattr(found, f"{average}_{name}") == pytest.approx(value, abs=1e-12)
        clipped = np.clip(proba.astype(np.float64), np.finfo(np.float32).eps, 1)
        loss = oracle.log_loss(y, clipped, labels=range(k))
    if proba.max() < 1 - np.finfo(np.float32).eps:
        assert found.log_loss == pytest.approx(loss, abs=1e-12)
    matrix = oracle.confusion_matrix(y, said, labels=range(k))
    assert np.array_equal(found.confusion, matrix)
    assert found.ece == pytest.approx(expected_calibration_error(proba, y), abs=1e-12)


@given(measured())
@settings(max_examples=80, deadline=None)
def test_intervals_are_ordered_and_in_range(rows: Rows) -> None:
    proba, y, clusters = rows
    labels = LabelSet(map(str, range(proba.shape[1])))
    found = measure(proba, y, labels, clusters=clusters, n_bootstrap=20)
    intervals = dict(found.intervals)
    low, high = intervals.pop("log_loss")
    assert 0 <= low <= high
    if found.binary is not None:
        intervals |= found.binary.intervals
    intervals |= {item.label: item.interval for item in found.per_class}
    assert all(0 <= low <= high <= 1 for low, high in intervals.values())


@given(measured(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_values_do_not_depend_on_the_order_of_rows(rows: Rows, random: Random) -> None:
    proba, y, _ = rows
    order = list(range(len(y)))
    random.shuffle(order)
    labels = LabelSet(map(str, range(proba.shape[1])))
    found = measure(proba, y, labels, n_bootstrap=2)
    shuffled = measure(proba[order], y[order], labels, n_bootstrap=2)
    for name in found.intervals:
        assert getattr(found, name) == pytest.approx(getattr(shuffled, name), abs=1e-12)
