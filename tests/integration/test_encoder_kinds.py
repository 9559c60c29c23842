"""Encoders of every kind in every family that has one: trained, saved, and loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.models import registry
from newsdesk.models.neural.embedding import EmbeddingParams
from newsdesk.models.neural.fewshot import FewShotParams
from newsdesk.models.neural.hybrid import HybridParams
from newsdesk.models.neural.static import StaticParams
from newsdesk.models.neural.transformer import TransformerParams
from newsdesk.models.neural.zeroshot import ZeroShotParams
from newsdesk.types import Documents, LabelSet, Silent

KINDS = ["electra", "albert", "mpnet", "modernbert", "deberta-v2"]
TOPICS = ["bank rates rise profit shares market", "goal cup final keeper", "chip phone app code"]
QUICK = {"epochs": 1, "batch_size": 16, "device": "cpu"}
FAMILIES: dict[str, Callable[..., Any]] = {
    "embedding": lambda encoder: EmbeddingParams(encoder=encoder, **QUICK),
    "hybrid": lambda encoder: HybridParams(encoder=encoder),
    "static": lambda encoder: StaticParams(encoder=encoder),
    "transformer": lambda encoder: TransformerParams(
        encoder=encoder, max_tokens=16, frozen_layers=1, recompute=True, **QUICK
    ),
    "fewshot": lambda encoder: FewShotParams(
        encoder=encoder, frozen_layers=1, head_epochs=2, **QUICK
    ),
    "zeroshot": lambda encoder: ZeroShotParams(encoder=encoder),
}


@pytest.fixture(scope="module", params=KINDS)
def encoder(request: pytest.FixtureRequest, make_reference: Callable[..., tuple[Path, Any]]) -> str:
    folder, _ = make_reference(request.param)
    return str(folder)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_gives_the_same_alone_and_when_it_is_loaded(
    family: str, encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NEWSDESK_THREADS", "1")
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(24) % 3)
    texts = [" ".join(rng.choice(TOPICS[c].split(), rng.integers(1, 11))) for c in y]
    documents = Documents.from_texts(texts)
    model = registry.find(family).create(FAMILIES[family](encoder), LabelSet(TOPICS))
    made = model.fit(documents, y, n_classes=3, valid=None, rng=rng, progress=Silent())
    made.save(tmp_path)
    loaded = registry.find(family).load().load(tmp_path)
    expected = made.predict_proba(documents)
    assert np.array_equal(loaded.predict_proba(documents), expected)
    alone = [loaded.predict_proba(documents.take(np.array([row]))) for row in range(8)]
    assert np.concatenate(alone) == pytest.approx(expected[:8], abs=1e-5)
    assert np.ptp(expected, axis=0).max() > 0
