"""Settings of tiny language models."""

from __future__ import annotations

from typing import Any

import pytest

TINY: dict[str, Any] = {
    "character_dim": 4,
    "filters": ((1, 4), (3, 6)),
    "projection_dim": 8,
    "units": 12,
    "min_count": 1,
    "window": 6,
    "batch_size": 8,
    "epochs": 2,
    "min_updates": 0,
    "learning_rate": 0.01,
}


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """On several threads tiny products wait for one another."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


@pytest.fixture
def tiny() -> dict[str, Any]:
    return TINY
