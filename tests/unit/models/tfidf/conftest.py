"""Documents whose words tell the class, and models of every family trained on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from newsdesk.models import registry
from newsdesk.types import Documents, Indices, Silent, numbered, string_array

TOPICS = [
    "bank rates rise profit Straße café shares markets lending economies",
    "goal cup final İstanbul keeper 大阪 strikers coach penalties saved",
    "chip phone app हिन्दी updates 한글 battery browser coding tablets",
]

Make = Callable[..., tuple[Documents, Indices]]
Train = Callable[..., Any]


def _make(n: int, n_classes: int = 3, *, n_fields: int = 1, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % n_classes)
    fields = {}
    for name in ["headline", "description"][:n_fields]:
        topics = [[*TOPICS[c % 3].split(), f"Topic{'abcdefgh'[c % 8]}x", "and", "today"] for c in y]
        fields[name] = string_array([" ".join(rng.choice(topic, 7)) for topic in topics])
    return Documents(numbered(n), fields), y


@pytest.fixture(scope="session")
def make() -> Make:
    """Make n documents of so many classes and fields, with their class indices."""
    return _make


@pytest.fixture(scope="session")
def train() -> Train:
    """Fit a family on given documents."""

    def fit(
        family: str,
        documents: Documents,
        y: Indices,
        n_classes: int,
        valid: Any = None,
        seed: int = 0,
        **settings: Any,
    ) -> Any:
        cls = registry.find(family).load()
        return cls(cls.Params(**settings)).fit(
            documents,
            y,
            n_classes=n_classes,
            valid=valid,
            rng=np.random.default_rng(seed),
            progress=Silent(),
        )

    return fit
