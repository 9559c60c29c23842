from __future__ import annotations

import numpy as np
import pytest

from newsdesk.evaluation.binary import Pair
from newsdesk.types import Floats, Indices


def pair(positive: list[float], y: list[int], threshold: float | None = None) -> Pair:
    second = np.array(positive, dtype=np.float32)
    proba: Floats = np.stack([1 - second, second], axis=1)
    truth: Indices = np.array(y)
    return Pair(proba, truth, threshold)


def test_perfect_order_has_an_area_of_one_and_reversed_order_of_zero() -> None:
    assert pair([0.1, 0.4, 0.6, 0.9], [0, 0, 1, 1]).rank_quality(np.ones(4)) == (1.0, 1.0)
    area, _ = pair([0.9, 0.6, 0.4, 0.1], [0, 0, 1, 1]).rank_quality(np.ones(4))
    assert area == 0.0


def test_equal_probabilities_are_half_right() -> None:
    area, precision = pair([0.5] * 4, [0, 1, 0, 1]).rank_quality(np.ones(4))
    assert area == 0.5
    assert precision == 0.5


def test_ranks_of_one_class_alone_are_undefined() -> None:
    assert np.isnan(pair([0.2, 0.7], [1, 1]).rank_quality(np.ones(2))).all()
    summary = pair([0.2, 0.7], [1, 1]).summarise("B", np.full((5, 2), np.nan), None)
    assert summary.roc_auc is None
    assert "roc_auc" not in summary.intervals


def test_the_threshold_is_inclusive_and_its_metrics_are_at_it() -> None:
    rows = pair([0.3, 0.3, 0.2, 0.9], [1, 0, 1, 1], threshold=float(np.float32(0.3)))
    summary = rows.summarise("B", np.tile([0.5, 0.5], (5, 1)), None)
    assert summary.precision == pytest.approx(2 / 3)
    assert summary.recall == pytest.approx(2 / 3)
    assert summary.positive == "B"
