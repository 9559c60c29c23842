import numpy as np
import pytest

from newsdesk.evaluation.calibration import reliability
from newsdesk.evaluation.metrics import Metrics, measure
from newsdesk.evaluation.plots import dots, heat_map
from newsdesk.types import LabelSet


def measured(k: int, n: int) -> Metrics:
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(k), size=n).astype(np.float32)
    return measure(proba, rng.integers(0, k, n), LabelSet(map(str, range(k))), n_bootstrap=2)


def test_rows_of_the_heat_map_sum_to_one() -> None:
    heat = heat_map(measured(5, 200))
    for row in range(5):
        assert sum(cell.share for cell in heat.cells if cell.row == row) == pytest.approx(1.0)
    assert sum(cell.n for cell in heat.cells) == 200
    assert heat.n_hidden == 0


def test_many_classes_keep_those_with_most_errors() -> None:
    metrics = measured(90, 900)
    heat = heat_map(metrics)
    assert len(heat.labels) == 60
    assert heat.n_hidden == 30
    counts = np.array(metrics.confusion)
    errors = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    shown = {int(label) for label in heat.labels}
    assert min(errors[list(shown)]) >= max(errors[[i for i in range(90) if i not in shown]])


def test_dots_carry_the_interval_of_their_accuracy() -> None:
    proba = np.tile(np.array([[0.75, 0.25]], dtype=np.float32), (40, 1))
    (dot,) = dots(reliability(proba, np.array([0] * 30 + [1] * 10)))
    assert dot.accuracy == pytest.approx(75)
    assert dot.low < 75 < dot.high
    assert (dot.n, dot.fullness) == (40, 1.0)
