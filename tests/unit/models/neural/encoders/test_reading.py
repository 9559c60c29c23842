from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsdesk.errors import NotFittedError
from newsdesk.models.neural.embedding.params import EmbeddingParams
from newsdesk.models.neural.encoders.reading import EncoderReading
from newsdesk.types import Documents, Silent

TEXTS = Documents.from_texts(["the cup final", "rates rise again", "the cup final"])


@pytest.fixture
def reading(
    make_encoder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., EncoderReading[Any]]:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path))
    encoder = str(make_encoder())
    return lambda **settings: EncoderReading(EmbeddingParams(encoder=encoder, **settings))


def test_what_is_read_once_is_remembered(reading: Callable[..., EncoderReading[Any]]) -> None:
    family = reading()
    assert family.unread(TEXTS) > 0
    family.read(TEXTS, Silent())
    assert family.unread(TEXTS) == 0
    assert reading().unread(TEXTS) == 0


def test_nothing_is_read_ahead_where_nothing_is_remembered(
    reading: Callable[..., EncoderReading[Any]], tmp_path: Path
) -> None:
    family = reading(remember=False)
    family.read(TEXTS, Silent())
    assert family.unread(TEXTS) == 0
    assert not list(tmp_path.iterdir())


def test_only_a_training_keeps_vectors(reading: Callable[..., EncoderReading[Any]]) -> None:
    family = reading()
    family._open()
    family._encode(TEXTS)
    assert family.unread(TEXTS) > 0
    family._training = "under way"
    family._encode(TEXTS)
    assert family.unread(TEXTS) == 0
    family.release()
    assert family._training is None


def test_a_family_that_is_not_fitted_says_so(reading: Callable[..., EncoderReading[Any]]) -> None:
    with pytest.raises(NotFittedError, match="This embedding model is not fitted"):
        _ = reading().encoder
