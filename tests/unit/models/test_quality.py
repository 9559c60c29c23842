from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.evaluation.metrics import measure
from newsdesk.models.quality import quality
from newsdesk.types import LabelSet

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


@given(ROWS)
def test_both_numbers_are_those_of_the_report(rows: list[tuple[int, int]]) -> None:
    predicted, y = np.array(rows).T
    proba = np.eye(4, dtype=np.float32)[predicted]
    report = measure(proba, y, LabelSet(["a", "b", "c", "d"]), n_bootstrap=2)
    assert quality(predicted, y, 4) == pytest.approx((report.macro_f1, report.accuracy))


def test_a_class_that_is_neither_there_nor_said_has_no_say() -> None:
    y = np.array([0, 1, 1])
    assert quality(y, y, 2) == quality(y, y, 50) == (1.0, 1.0)


def test_a_class_that_is_said_but_not_there_counts_as_nought() -> None:
    assert quality(np.array([0, 2]), np.array([0, 0]), 3)[0] == pytest.approx((2 / 3 + 0) / 2)
