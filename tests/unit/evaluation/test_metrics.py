import msgspec
import numpy as np
import pytest
from sklearn import metrics as oracle

from newsdesk.errors import DataError
from newsdesk.evaluation.metrics import measure
from newsdesk.types import Floats, Indices, LabelSet


def draw(n: int, k: int, seed: int = 0, signal: float = 1.5) -> tuple[Floats, Indices]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k))
    logits[np.arange(n), y] += signal
    proba = np.exp(logits)
    return (proba / proba.sum(axis=1, keepdims=True)).astype(np.float32), y


def names(k: int) -> LabelSet:
    return LabelSet([f"class {index}" for index in range(k)])


def test_measure_agrees_with_scikit_learn() -> None:
    proba, y = draw(800, 6)
    found = measure(proba, y, names(6), n_bootstrap=2)
    said = proba.argmax(axis=1)
    for average in ("macro", "weighted"):
        expected = oracle.precision_recall_fscore_support(y, said, average=average, zero_division=0)
        for name, value in zip(("precision", "recall", "f1"), expected, strict=False):
            assert getattr(found, f"{average}_{name}") == pytest.approx(value, abs=1e-12)
    assert found.accuracy == pytest.approx(oracle.accuracy_score(y, said), abs=1e-12)
    top_3 = oracle.top_k_accuracy_score(y, proba, k=3, labels=range(6))
    assert found.top_3_accuracy == pytest.approx(top_3, abs=1e-12)
    doubles = proba.astype(np.float64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_args, **_kwargs: None)
        expected_loss = oracle.log_loss(y, doubles, labels=range(6))
    assert found.log_loss == pytest.approx(expected_loss, abs=1e-12)
    assert np.array_equal(found.confusion, oracle.confusion_matrix(y, said))


def test_per_class_numbers_agree_with_scikit_learn() -> None:
    proba, y = draw(300, 4, signal=0.5)
    found = measure(proba, y, names(4), n_bootstrap=2).per_class
    expected = oracle.precision_recall_fscore_support(y, proba.argmax(axis=1), zero_division=0)
    columns = [[getattr(item, name) for item in found] for name in ("precision", "recall", "f1")]
    assert np.allclose(columns, expected[:3], atol=1e-12, rtol=0)
    assert [item.support for item in found] == expected[3].tolist()
    assert all(item.interval[0] <= item.f1 <= item.interval[1] for item in found)


def test_classes_without_rows_or_predictions_stay_out_of_macro_averages() -> None:
    proba = np.eye(5, dtype=np.float32)[[0, 1, 0]]
    found = measure(proba, np.array([0, 1, 1]), names(5), n_bootstrap=2)
    assert found.macro_f1 == pytest.approx(oracle.f1_score([0, 1, 1], [0, 1, 0], average="macro"))
    empty = found.per_class[4]
    assert (empty.support, empty.f1, empty.interval) == (0, 0.0, (0.0, 1.0))


def test_two_classes_get_ranking_and_threshold_metrics() -> None:
    proba, y = draw(400, 2, signal=1.0)
    found = measure(proba, y, names(2), threshold=0.7, n_bootstrap=50).binary
    assert found is not None
    said = proba[:, 1] >= 0.7
    assert found.positive == "class 1"
    assert found.roc_auc == pytest.approx(oracle.roc_auc_score(y, proba[:, 1]), abs=1e-12)
    expected = oracle.average_precision_score(y, proba[:, 1])
    assert found.average_precision == pytest.approx(expected, abs=1e-12)
    assert found.precision == pytest.approx(oracle.precision_score(y, said), abs=1e-12)
    assert found.recall == pytest.approx(oracle.recall_score(y, said), abs=1e-12)
    assert found.f1 == pytest.approx(oracle.f1_score(y, said), abs=1e-12)
    for name, (low, high) in found.intervals.items():
        assert low <= getattr(found, name) <= high


def test_equal_probabilities_make_one_step_of_the_ranking() -> None:
    proba = np.array([[0.5, 0.5]] * 4 + [[0.2, 0.8]] * 2, dtype=np.float32)
    y = np.array([0, 1, 1, 0, 1, 0])
    found = measure(proba, y, names(2), n_bootstrap=2).binary
    assert found is not None
    assert found.roc_auc == pytest.approx(oracle.roc_auc_score(y, proba[:, 1]))
    expected = oracle.average_precision_score(y, proba[:, 1])
    assert found.average_precision == pytest.approx(expected)


def test_ranking_metrics_are_undefined_when_rows_hold_one_class() -> None:
    proba, _ = draw(20, 2)
    found = measure(proba, np.ones(20, dtype=np.int64), names(2), n_bootstrap=5).binary
    assert found is not None
    assert found.roc_auc is None
    assert found.average_precision is None
    assert set(found.intervals) == {"precision", "recall", "f1"}


def test_top_3_is_left_out_under_four_classes() -> None:
    proba, y = draw(30, 3)
    found = measure(proba, y, names(3), n_bootstrap=2)
    assert found.top_3_accuracy is None
    assert "top_3_accuracy" not in found.intervals


def test_one_row_leaves_everything_open() -> None:
    found = measure(np.eye(4, dtype=np.float32)[[2]], np.array([2]), names(4), n_bootstrap=10)
    assert found.accuracy == 1.0
    assert found.intervals["accuracy"][0] < 0.25
    assert found.intervals["macro_f1"][0] < 0.25
    assert found.intervals["ece"] == (0.0, 1.0)
    assert found.intervals["log_loss"][1] > 15


def test_no_error_leaves_room_below_one() -> None:
    y = np.arange(200) % 5
    found = measure(np.eye(5, dtype=np.float32)[y], y, names(5), n_bootstrap=20)
    for name in ("accuracy", "macro_f1", "weighted_precision", "top_3_accuracy"):
        low, high = found.intervals[name]
        assert 0.9 < low < 1.0
        assert high == 1.0


def test_a_rare_class_without_error_weighs_on_the_macro_interval() -> None:
    y = np.array([0] * 400 + [1] * 2)
    found = measure(np.eye(3, dtype=np.float32)[y], y, names(3), n_bootstrap=20)
    assert found.intervals["macro_f1"][0] < 0.8 < 0.98 < found.intervals["accuracy"][0]


def test_duplicate_rows_do_not_narrow_the_intervals() -> None:
    proba, y = draw(200, 4)
    once = measure(proba, y, names(4), seed=3)
    clusters = np.tile(np.arange(200), 4)
    repeated = measure(np.tile(proba, (4, 1)), np.tile(y, 4), names(4), clusters=clusters, seed=3)
    for name, (low, high) in once.intervals.items():
        assert repeated.intervals[name] == pytest.approx((low, high), abs=0.02)
    assert repeated.per_class[1].interval == pytest.approx(once.per_class[1].interval, abs=0.02)


def test_every_metric_has_an_interval_and_equal_seeds_give_equal_numbers() -> None:
    proba, y = draw(150, 5)
    found = measure(proba, y, names(5), n_bootstrap=60, seed=7)
    assert found == measure(proba, y, names(5), n_bootstrap=60, seed=7)
    expected = {"accuracy", "top_3_accuracy", "log_loss", "ece"} | {
        f"{average}_{name}"
        for average in ("macro", "weighted")
        for name in ("precision", "recall", "f1")
    }
    assert set(found.intervals) == expected
    assert all(low <= high for low, high in found.intervals.values())


def test_log_loss_of_a_certain_error_is_finite() -> None:
    found = measure(np.eye(2, dtype=np.float32), np.array([1, 0]), names(2), n_bootstrap=2)
    assert found.log_loss == pytest.approx(-np.log(np.finfo(np.float32).eps), rel=1e-6)


def test_metrics_become_json() -> None:
    proba, y = draw(20, 2)
    decoded = msgspec.json.decode(msgspec.json.encode(measure(proba, y, names(2), n_bootstrap=2)))
    assert decoded["n"] == 20
    assert len(decoded["confusion"]) == 2


def test_confusion_table_names_rows_and_columns() -> None:
    proba = np.eye(3, dtype=np.float32)[[0, 1, 1]]
    table = measure(proba, np.array([0, 1, 2]), names(3), n_bootstrap=2).confusion_table()
    assert table.column_names == ["label", "class 0", "class 1", "class 2"]
    assert table.to_pylist()[2] == {"label": "class 2", "class 0": 0, "class 1": 1, "class 2": 0}


def test_no_row_is_refused() -> None:
    with pytest.raises(DataError, match="no row to measure"):
        measure(np.zeros((0, 3), np.float32), np.zeros(0, np.int64), names(3))
