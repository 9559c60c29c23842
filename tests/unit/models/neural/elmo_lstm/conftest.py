"""A tiny language model in a folder, and settings that train quickly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsdesk.models.neural.elmo.params import ElmoParams
from newsdesk.models.neural.elmo.pretraining import untrained
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.language.folder import Encoder, Origin
from newsdesk.types import Documents

PRETRAINING = ElmoParams(
    character_dim=4,
    filters=((1, 6), (3, 8)),
    projection_dim=8,
    units=10,
    min_count=1,
    epochs=1,
    min_updates=0,
    batch_size=16,
)


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """On several threads tiny products wait for one another."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


@pytest.fixture
def pretraining() -> ElmoParams:
    return PRETRAINING


@pytest.fixture
def encoder() -> Encoder[Any]:
    found = untrained(PRETRAINING.architecture, Documents.from_texts(["goal bank chip"]), 5)
    origin = Origin("pretrained", "texts", n_texts=3, n_tokens=12, perplexities=(9.0, 8.5))
    return replace(found, origin=origin)


@pytest.fixture
def encoder_folder(encoder: Encoder[Any], tmp_path: Path) -> Path:
    path = tmp_path / "encoder"
    path.mkdir()
    folder.write(encoder, path)
    return path
