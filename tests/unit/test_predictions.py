from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.metrics import f1_score

from newsdesk.errors import DivergedError
from newsdesk.evaluation.calibration import expected_calibration_error
from newsdesk.predictions import Calibrator, Output, Predictions, softmax
from newsdesk.types import Floats, Indices, LabelSet, numbered


def drawn(logits: Floats, seed: int) -> Indices:
    """Class indices drawn from the softmax of logits."""
    noise = np.random.default_rng(seed).gumbel(size=logits.shape)
    y: Indices = (logits + noise).argmax(axis=1)
    return y


def margins(n: int, k: int, seed: int) -> tuple[Floats, Indices]:
    """One-vs-rest margins that err now and then, with the true classes."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    values = rng.normal(-0.8, 0.5, (n, k))
    values[np.arange(n), y] += rng.normal(1.2, 0.7, n)
    return values.astype(np.float32), y


def predictions(proba: list[list[float]], low: list[bool] | None = None) -> Predictions:
    values = np.array(proba, dtype=np.float32)
    labels = LabelSet("ABCDEF"[: values.shape[1]])
    return Predictions(
        values, labels, numbered(len(values)), np.array(low or [False] * len(values))
    )


def test_softmax_does_not_overflow_and_keeps_differences() -> None:
    logits = np.array([[1e4, 1e4 - 1, -1e4], [-1e4, -1e4, -1e4]], dtype=np.float32)
    proba = softmax(logits)
    assert proba.dtype == np.float32
    assert proba[0] == pytest.approx([1 / (1 + np.e**-1), np.e**-1 / (1 + np.e**-1), 0], abs=1e-6)
    assert proba[1] == pytest.approx([1 / 3] * 3)


# ── the calibrator of softmax outputs ────────────────────────────────────────────────────────────


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


def reference_sigmoid(score: Floats, own: np.ndarray) -> tuple[float, float]:
    """Slope and offset by a general optimiser in double precision."""
    n_positive = int(own.sum())
    target = np.where(own, (n_positive + 1) / (n_positive + 2), 1 / (len(own) - n_positive + 2))
    s = score.astype(np.float64)

    def loss(parameters: np.ndarray) -> float:
        z = parameters[0] * s + parameters[1]
        fit = np.logaddexp(0, z) - target * z
        return float(fit.sum() + 0.5e-3 * (parameters[0] - 1) ** 2)

    found = minimize(loss, np.array([1.0, 0.0]), method="BFGS", options={"gtol": 1e-6})
    return float(found.x[0]), float(found.x[1])


@pytest.mark.parametrize(("n", "k"), [(40, 2), (300, 3), (2000, 6)])
def test_the_sigmoid_of_each_class_is_the_optimum_of_an_independent_solver(n: int, k: int) -> None:
    scores, y = margins(n, k, seed=n)
    found = Calibrator.fit(scores, y, "margins")
    for c in range(k):
        slope, offset = reference_sigmoid(scores[:, c], y == c)
        assert found.slope[c] == pytest.approx(slope, rel=5e-3, abs=5e-3)
        assert found.offset[c] == pytest.approx(offset, rel=5e-3, abs=5e-3)


def test_margins_are_calibrated_on_other_rows() -> None:
    true = np.random.default_rng(1).normal(-1, 2, (8000, 4)).astype(np.float32)
    y = drawn(-np.logaddexp(0, -true), seed=2)
    scores = true * np.float32([2, 4, 2, 3]) + np.float32([0, 3, -3, 1])
    calibrator = Calibrator.fit(scores[:4000], y[:4000], "margins")
    before = expected_calibration_error(softmax(scores[4000:]), y[4000:])
    after = expected_calibration_error(calibrator.apply(scores[4000:]), y[4000:])
    assert after < before / 2
    assert after < 0.03


def test_a_higher_margin_never_lowers_the_probability_of_its_class() -> None:
    scores, y = margins(500, 3, seed=2)
    calibrator = Calibrator.fit(scores, y, "margins")
    assert (calibrator.slope > 0).all()
    raised = np.repeat(scores[:1], 200, axis=0)
    raised[:, 1] = np.linspace(-8, 8, 200)
    assert (np.diff(calibrator.apply(raised)[:, 1]) >= 0).all()


def test_a_class_without_held_out_rows_gets_small_finite_probabilities() -> None:
    scores, y = margins(400, 4, seed=3)
    y[y == 3] = 0
    proba = Calibrator.fit(scores, y, "margins").apply(scores)
    assert np.isfinite(proba).all()
    assert proba[:, 3].mean() < 0.05


def test_a_class_that_only_train_has_is_answered_where_its_margin_is_high() -> None:
    scores, y = margins(400, 4, seed=3)
    seen = y != 3
    calibrator = Calibrator.fit(scores[seen], y[seen], "margins")
    found = calibrator.apply(scores)
    whole = Calibrator.fit(scores, y, "margins").apply(scores)
    known = (whole.argmax(axis=1) == y) & ~seen
    assert (found[known].argmax(axis=1) == 3).mean() > 0.6
    assert (found[seen].argmax(axis=1) == 3).mean() < 0.05


@pytest.mark.parametrize("value", [0.0, 5.0, -40.0])
def test_scores_that_say_nothing_give_about_the_class_frequencies(value: float) -> None:
    y = np.repeat([0, 1, 2], [600, 300, 100])
    scores = np.full((1000, 3), value, dtype=np.float32)
    proba = Calibrator.fit(scores, y, "margins").apply(scores[:1])
    assert proba[0] == pytest.approx([0.6, 0.3, 0.1], abs=0.02)


def test_separable_scores_give_finite_parameters() -> None:
    y = np.arange(300) % 3
    scores = np.where(np.eye(3)[y] > 0, 5, -5).astype(np.float32)
    calibrator = Calibrator.fit(scores, y, "margins")
    assert np.isfinite([*calibrator.slope, *calibrator.offset, calibrator.temperature]).all()
    assert (calibrator.apply(scores).argmax(axis=1) == y).all()


@pytest.mark.parametrize("output", ["margins", "logits"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(output: str, bad: float) -> None:
    scores, y = margins(30, 3, seed=4)
    scores[7, 1] = bad
    with pytest.raises(DivergedError, match="not finite"):
        Calibrator.fit(scores, y, output)  # type: ignore[arg-type]


@pytest.mark.parametrize("output", ["margins", "logits"])
def test_a_calibrated_row_depends_on_no_other_row(output: str) -> None:
    scores, y = margins(1000, 7, seed=5)
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


def test_scores_that_point_backwards_never_turn_answers_round() -> None:
    scores, y = margins(300, 3, seed=10)
    scores[:, 2] *= -1
    calibrator = Calibrator.fit(scores, y, "margins")
    assert (calibrator.slope > 0).all()
    raised = np.repeat(scores[:1], 50, axis=0)
    raised[:, 2] = np.linspace(-8, 8, 50)
    proba = calibrator.apply(raised)[:, 2]
    assert (np.diff(proba) >= 0).all()
    assert calibrator.apply(scores)[:, 2].mean() == pytest.approx((y == 2).mean(), abs=0.1)


# ── held-out probabilities ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("output", ["margins", "logits"])
def test_a_held_out_probability_does_not_know_its_own_label(output: str) -> None:
    scores, y = margins(200, 4, seed=6)
    before = Calibrator.cross_apply(scores, y, output)  # type: ignore[arg-type]
    for row in (0, 57, 122, 199):
        other = y.copy()
        other[row] = (y[row] + 1) % 4
        after = Calibrator.cross_apply(scores, other, output)  # type: ignore[arg-type]
        assert np.array_equal(after[row], before[row])
        assert not np.array_equal(after, before)


def test_each_half_is_calibrated_by_the_other() -> None:
    scores, y = margins(200, 4, seed=7)
    proba = Calibrator.cross_apply(scores, y, "margins")
    even = Calibrator.fit(scores[1::2], y[1::2], "margins").apply(scores[::2])
    assert np.array_equal(proba[::2], even)


def test_a_single_row_is_calibrated_all_the_same() -> None:
    scores, y = margins(1, 3, seed=8)
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


def test_only_two_classes_have_a_threshold() -> None:
    scores, y = margins(50, 3, seed=9)
    assert Calibrator.fit(scores, y, "margins").threshold is None


# ── predictions ──────────────────────────────────────────────────────────────────────────────────


def test_the_likeliest_classes_come_first_and_ties_in_the_order_of_the_labels() -> None:
    found = predictions([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [1 / 3, 1 / 3, 1 / 3]])
    order, proba = found.top_k(2)
    assert order.tolist() == [[1, 2], [0, 2], [0, 1]]
    assert proba.tolist() == [pytest.approx(row) for row in ([0.5, 0.3], [0.4, 0.4], [1 / 3] * 2)]
    assert found.y.tolist() == [1, 0, 0]
    assert found.labels == ["B", "A", "A"]
    assert len(found) == 3


def test_more_classes_than_there_are_gives_all() -> None:
    order, proba = predictions([[0.1, 0.9]]).top_k(10)
    assert order.tolist() == [[1, 0]]
    assert proba.shape == (1, 2)


def test_a_document_is_unsure_below_the_bar_or_without_evidence() -> None:
    found = predictions([[0.6, 0.4], [0.9, 0.1], [0.95, 0.05]], [False, False, True])
    assert found.abstain(0.7).tolist() == [True, False, True]
    assert found.abstain(0.0).tolist() == [False, False, True]


def test_no_documents_have_no_predictions() -> None:
    nothing = Predictions(
        np.zeros((0, 3), dtype=np.float32), LabelSet("ABC"), numbered(0), np.zeros(0, dtype=bool)
    )
    assert nothing.top_k(2)[0].shape == (0, 2)
    assert nothing.labels == []
    assert nothing.abstain(0.5).shape == (0,)


def test_a_table_has_the_likeliest_classes_side_by_side() -> None:
    found = predictions([[0.2, 0.5, 0.3], [0.7, 0.2, 0.1]])
    table = found.to_table(k=2, truth=["B", None])
    assert table.to_pylist() == [
        {"id": "0", "label": "B", "predicted": "B", "label_1": "B", "label_2": "C"}
        | {"proba_1": pytest.approx(0.5), "proba_2": pytest.approx(0.3)},
        {"id": "1", "label": None, "predicted": "A", "label_1": "A", "label_2": "B"}
        | {"proba_1": pytest.approx(0.7), "proba_2": pytest.approx(0.2)},
    ]
    assert found.to_table(k=9).column_names == [
        "id",
        "predicted",
        *("label_1", "label_2", "label_3"),
        *("proba_1", "proba_2", "proba_3"),
    ]


def test_scores_that_run_backwards_do_not_turn_the_answers_around() -> None:
    y = np.arange(40) % 2
    backwards = np.stack([y, 1 - y], axis=1).astype(np.float32) * 4
    proba = Calibrator.fit(backwards, y, "margins").apply(backwards)
    assert np.abs(proba - 0.5).max() < 0.05


# ── log-odds ─────────────────────────────────────────────────────────────────────────────────────


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
