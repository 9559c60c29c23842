"""News of three sections, told by headlines, and what an ensemble is asked to learn from them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from newsdesk.bundle.composed import Material
from newsdesk.features.clean import Cleaner
from newsdesk.models.classifier import Valid
from newsdesk.types import Documents, Indices, LabelSet, Silent

TOPICS = [["bank", "rates", "profit"], ["goal", "cup", "keeper"], ["chip", "phone", "app"]]


def _corpus(n: int, seed: int = 0) -> tuple[Documents, Indices]:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 3)
    everything = [word for topic in TOPICS for word in topic]
    texts = [" ".join([*rng.choice(TOPICS[c], 2), *rng.choice(everything, 2)]) for c in y]
    return Documents.from_texts(texts), y


@pytest.fixture(name="corpus", scope="session")
def _corpus_fixture() -> Callable[..., tuple[Documents, Indices]]:
    return _corpus


@pytest.fixture(scope="session")
def material() -> Callable[..., Material]:
    """Make material of so many train and valid rows."""

    def make(n: int = 90, n_valid: int = 30, **change: object) -> Material:
        documents, y = _corpus(n + n_valid)
        valid: Valid | None = (documents.slice(n, n + n_valid), y[n:]) if n_valid else None
        values: dict[str, object] = {
            "train": (documents.slice(0, n), y[:n]),
            "valid": valid,
            "labels": LabelSet(["BUSINESS", "SPORT", "TECH"]),
            "groups": None,
            "cleaner": Cleaner(),
            "seed": 0,
            "refit": None,
            "fingerprint": "abc",
            "checkpoints": None,
            "small": 2000,
            "progress": Silent(),
        }
        return Material(**(values | change))  # type: ignore[arg-type]

    return make
