from __future__ import annotations

import numba
import numpy as np

from newsdesk.models.descent.prefetch import prefetch_row
from newsdesk.types import Floats


@numba.njit
def total(array: Floats, order: np.ndarray) -> float:
    found = 0.0
    for at in range(len(order)):
        if at + 1 < len(order):
            prefetch_row(array, order[at + 1])
        found += array[order[at]].sum()
    return found


def test_fetching_ahead_changes_no_value_and_never_faults() -> None:
    array = np.arange(12, dtype=np.float32).reshape(4, 3)
    before = array.copy()
    assert total(array, np.array([3, 0, 2, 1])) == 66.0
    assert np.array_equal(array, before)

    @numba.njit
    def fetch_beyond(array: Floats) -> int:
        prefetch_row(array, 1 << 40)
        prefetch_row(array, -5)
        return 1

    assert fetch_beyond(array) == 1
    assert fetch_beyond(np.zeros((0, 3), dtype=np.float32)) == 1
