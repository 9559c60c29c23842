from __future__ import annotations

import numpy as np

from newsdesk.models.neural.forward.windows import pool_windows


def test_windows_end_with_the_row_unless_it_is_shorter_than_the_widest() -> None:
    # One filter of width 2 that adds the numbers of two words; the widest filter has width 3.
    number = np.array([[1, 1], [10, 10], [-7, -7]], dtype=np.float32)
    place, ends = np.array([0, 1, 0, 0, 2]), np.array([0, 3, 4, 4, 5])
    found = np.zeros((4, 1), dtype=np.float32)
    pool_windows(number, place, ends, np.zeros(1, dtype=np.float32), 3, found)
    assert found[:, 0].tolist() == [11, 1, 0, 0]
    bias = np.full(1, 4, dtype=np.float32)
    pool_windows(number, place, ends, bias, 3, found)
    # The last row's second window holds nothing but zeros: the bias alone.
    assert found[:, 0].tolist() == [15, 5, 0, 4]
