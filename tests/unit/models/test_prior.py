from __future__ import annotations

import numpy as np
import pytest

from newsdesk.models.prior import Prior
from newsdesk.types import Documents, Silent


def test_every_document_gets_the_smoothed_class_frequencies() -> None:
    model = Prior().fit(
        Documents.from_texts(["x"] * 7),
        np.array([0, 0, 0, 0, 2, 2, 2]),
        n_classes=3,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    proba = model.predict_proba(Documents.from_texts(["", "anything"]))
    assert proba == pytest.approx(np.tile([0.5, 0.1, 0.4], (2, 1)))
