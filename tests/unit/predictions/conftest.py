from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from newsdesk.types import Floats, Indices

Margins = Callable[[int, int, int], tuple[Floats, Indices]]


@pytest.fixture(scope="session")
def margins() -> Margins:
    """One-vs-rest margins that err now and then, with the true classes, for ``(n, k, seed)``."""

    def draw(n: int, k: int, seed: int) -> tuple[Floats, Indices]:
        rng = np.random.default_rng(seed)
        y = rng.integers(0, k, n)
        values = rng.normal(-0.8, 0.5, (n, k))
        values[np.arange(n), y] += rng.normal(1.2, 0.7, n)
        return values.astype(np.float32), y

    return draw
