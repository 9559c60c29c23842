from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from newsdesk.errors import DivergedError
from newsdesk.evaluation.calibration import expected_calibration_error
from newsdesk.predictions import Calibrator, Output, softmax
from newsdesk.types import Floats, Indices

Margins = Callable[[int, int, int], tuple[Floats, Indices]]


def drawn(logits: Floats, seed: int) -> Indices:
    """Class indices drawn from the softmax of logits."""
    noise = np.random.default_rng(seed).gumbel(size=logits.shape)
    y: Indices = (logits + noise).argmax(axis=1)
    return y


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_overconfident_logits_is_found(temperature: float) -> None:
    true = np.random.default_rng(3).normal(0, 1.5, (20000, 5)).astype(np.float32)
    y = drawn(true, seed=4)
    found = Calibrator.fit(true * np.float32(temperature), y, "logits")
    assert found.temperature == pytest.approx(temperature, rel=0.03)
    assert found.slope.size == found.offset.size == 0


def test_calibration_lowers_the_calibration_error_of_other_rows() -> None:
    true = np.random.default_rng(5).normal(0, 1.5, (8000, 5)).astype(np.float32)
    y = drawn(true, seed=6)
    scores = true * np.float32(4)
    calibrator = Calibrator.fit(scores[:4000], y[:4000], "logits")
    before = expected_calibration_error(softmax(scores[4000:]), y[4000:])
    after = expected_calibration_error(calibrator.apply(scores[4000:]), y[4000:])
    assert before > 0.15
    assert after < 0.03


# ── the calibrator of one-vs-rest margins ────────────────────────────────────────────────────────


def test_margins_are_calibrated_on_other_rows() -> None:
    true = np.random.default_rng(1).normal(-1, 2, (8000, 4)).astype(np.float32)
    y = drawn(-np.logaddexp(0, -true), seed=2)
    scores = true * np.float32([2, 4, 2, 3]) + np.float32([0, 3, -3, 1])
    calibrator = Calibrator.fit(scores[:4000], y[:4000], "margins")
    before = expected_calibration_error(softmax(scores[4000:]), y[4000:])
    after = expected_calibration_error(calibrator.apply(scores[4000:]), y[4000:])
    assert after < before / 2
    assert after < 0.03


@pytest.mark.parametrize("output", ["margins", "logits"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(output: str, bad: float, margins: Margins) -> None:
    scores, y = margins(30, 3, 4)
    scores[7, 1] = bad
    with pytest.raises(DivergedError, match="not finite"):
        Calibrator.fit(scores, y, output)  # type: ignore[arg-type]


@pytest.mark.parametrize("output", ["margins", "logits"])
def test_a_calibrated_row_depends_on_no_other_row(output: str, margins: Margins) -> None:
    scores, y = margins(1000, 7, 5)
    calibrator = Calibrator.fit(scores, y, output)  # type: ignore[arg-type]
    together = calibrator.apply(scores)
    assert together.dtype == np.float32
    assert together.sum(axis=1) == pytest.approx(np.ones(1000), abs=1e-6)
    alone = np.concatenate([calibrator.apply(scores[i : i + 1]) for i in range(1000)])
    order = np.random.default_rng(0).permutation(1000)
    assert np.array_equal(together, alone)
    assert np.array_equal(together[order], calibrator.apply(scores[order]))


@given(st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=3, max_size=3))
def test_any_finite_scores_give_probabilities(row: list[float]) -> None:
    calibrator = Calibrator(
        slope=np.array([2, 0.5, 1], dtype=np.float32),
        offset=np.array([0, -1, 3], dtype=np.float32),
        temperature=0.7,
    )
    proba = calibrator.apply(np.array([row], dtype=np.float32))
    assert np.isfinite(proba).all()
    assert proba.sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("output", ["margins", "logits"])
def test_a_held_out_probability_does_not_know_its_own_label(output: str, margins: Margins) -> None:
    scores, y = margins(200, 4, 6)
    before = Calibrator.cross_apply(scores, y, output)  # type: ignore[arg-type]
    for row in (0, 57, 122, 199):
        other = y.copy()
        other[row] = (y[row] + 1) % 4
        after = Calibrator.cross_apply(scores, other, output)  # type: ignore[arg-type]
        assert np.array_equal(after[row], before[row])
        assert not np.array_equal(after, before)


def test_each_half_is_calibrated_by_the_other(margins: Margins) -> None:
    scores, y = margins(200, 4, 7)
    proba = Calibrator.cross_apply(scores, y, "margins")
    even = Calibrator.fit(scores[1::2], y[1::2], "margins").apply(scores[::2])
    assert np.array_equal(proba[::2], even)


def test_a_single_row_is_calibrated_all_the_same(margins: Margins) -> None:
    scores, y = margins(1, 3, 8)
    proba = Calibrator.cross_apply(scores, y, "margins")
    assert proba.shape == (1, 3)
    assert np.isfinite(proba).all()


# ── the threshold of two classes ─────────────────────────────────────────────────────────────────


@given(
    st.lists(st.tuples(st.integers(-6, 6), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: any(positive for _, positive in rows)
    )
)
def test_no_threshold_has_a_higher_f1_than_the_reported_one(rows: list[tuple[int, bool]]) -> None:
    margin = np.array([value for value, _ in rows], dtype=np.float32) / 2
    y = np.array([int(positive) for _, positive in rows])
    calibrator = Calibrator.fit(np.stack([-margin, margin], axis=1), y, "logits")
    proba = calibrator.apply(np.stack([-margin, margin], axis=1))[:, 1]
    assert calibrator.threshold is not None
    reported = f1_score(y, proba >= np.float32(calibrator.threshold))
    assert reported >= max(f1_score(y, proba >= cut) for cut in proba) - 1e-12


def test_only_two_classes_have_a_threshold(margins: Margins) -> None:
    scores, y = margins(50, 3, 9)
    assert Calibrator.fit(scores, y, "margins").threshold is None


# ── predictions ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("k", [2, 5])
@pytest.mark.parametrize("output", ["logits", "margins"])
def test_log_odds_are_those_of_the_probabilities(k: int, output: Output) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(60) % k
    scores = rng.normal(size=(60, k)).astype(np.float32)
    scores[np.arange(60), y] += 1
    calibrator = Calibrator.fit(scores, y, output)
    proba = calibrator.apply(scores).astype(np.float64)
    assert calibrator.log_odds(scores) == pytest.approx(np.log(proba / (1 - proba)), abs=1e-4)


def test_log_odds_are_finite_where_a_probability_is_rounded_to_1() -> None:
    nothing = np.zeros(0, dtype=np.float32)
    calibrator = Calibrator(nothing, nothing)
    scores = np.array([[90, 0, 0], [0, 0, 0]], dtype=np.float32)
    assert calibrator.apply(scores)[0, 0] == 1
    assert calibrator.log_odds(scores) == pytest.approx(
        np.array([[90 - np.log(2), -90, -90], [-np.log(2)] * 3])
    )
    assert calibrator.log_odds(scores[:0]).shape == (0, 3)
