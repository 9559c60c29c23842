from __future__ import annotations

import numpy as np
import pytest

from newsdesk.predictions import softmax


def test_softmax_does_not_overflow_and_keeps_differences() -> None:
    logits = np.array([[1e4, 1e4 - 1, -1e4], [-1e4, -1e4, -1e4]], dtype=np.float32)
    proba = softmax(logits)
    assert proba.dtype == np.float32
    assert proba[0] == pytest.approx([1 / (1 + np.e**-1), np.e**-1 / (1 + np.e**-1), 0], abs=1e-6)
    assert proba[1] == pytest.approx([1 / 3] * 3)


# ── the calibrator of softmax outputs ────────────────────────────────────────────────────────────
