from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.embedding import Embedding, EmbeddingParams
from newsdesk.types import Documents, Indices, Silent

WORDS = ["bank rates profit shares", "goal cup final keeper", "chip phone app code"]


def documents(n: int, seed: int = 0) -> tuple[Documents, Indices]:
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    return Documents.from_texts([" ".join(rng.choice(WORDS[c].split(), 4)) for c in y]), y


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def fitted(make_encoder: Callable[..., Path]) -> Callable[..., Embedding]:
    def fit(valid: Any = None, **settings: Any) -> Embedding:
        chosen: dict[str, Any] = {
            "hidden": (16,),
            "learning_rate": 0.03,
            "batch_size": 16,
            "epochs": 20,
            **settings,
        }
        model = Embedding(EmbeddingParams(encoder=str(make_encoder()), **chosen))
        rng = np.random.default_rng(0)
        return model.fit(*documents(120), n_classes=3, valid=valid, rng=rng, progress=Silent())

    return fit


@pytest.mark.parametrize("hidden", [(), (16,)])
def test_it_learns_what_vectors_tell(fitted: Callable[..., Embedding], hidden: Any) -> None:
    texts, y = documents(60, seed=1)
    found = (
        fitted(hidden=hidden, dropout=0.0, hidden_dropout=0.0).predict_proba(texts).argmax(axis=1)
    )
    assert (found == y).mean() > 0.8


def test_notes_say_which_encoder_and_what_it_does_not_read(
    fitted: Callable[..., Embedding],
) -> None:
    encoder, cut = fitted(max_tokens=5, valid=documents(30, seed=2)).notes
    assert "2 layers of 8, int8, up to 5 word pieces" in encoder
    assert cut.startswith("Texts: ")
    assert "150 texts are longer than 3" in cut


def test_the_head_is_refitted_for_the_epochs_that_valid_chose(
    fitted: Callable[..., Embedding],
) -> None:
    model = fitted(valid=documents(30, seed=2), epochs=4)
    history = model.history
    before = model.decision(documents(9)[0]).values
    model.refit(*documents(30, seed=2), rng=np.random.default_rng(1), progress=Silent())
    assert model.history == history
    assert not np.array_equal(model.decision(documents(9)[0]).values, before)


def test_a_refit_counts_updates_and_not_the_batches_that_are_added_up(
    fitted: Callable[..., Embedding],
) -> None:
    model = fitted(valid=documents(30, seed=2), epochs=4, accumulate=2)
    chosen = model.history.chosen
    model.refit(*documents(30, seed=2), rng=np.random.default_rng(1), progress=Silent())
    assert model._head.history.n_steps == chosen * 5  # 150 texts, 2 batches of 16 an update


def test_texts_of_training_are_remembered_and_asked_ones_are_not(
    fitted: Callable[..., Embedding], tmp_path: Path
) -> None:
    model = fitted()
    (records,) = (tmp_path / "cache" / "encodings").glob("*/records")
    size = records.stat().st_size
    model.release()
    model.decision(Documents.from_texts(["a new text"]))
    assert records.stat().st_size == size > 0


def test_nothing_is_kept_where_that_is_not_wanted(
    fitted: Callable[..., Embedding], tmp_path: Path
) -> None:
    fitted(remember=False)
    assert not (tmp_path / "cache").exists()


def test_a_bundle_does_not_say_where_the_encoder_stood(
    fitted: Callable[..., Embedding], tmp_path: Path
) -> None:
    model = fitted()
    model.save(tmp_path)
    texts, _ = documents(9)
    again = Embedding.load(tmp_path)
    assert np.array_equal(again.decision(texts).values, model.decision(texts).values)
    assert again.params.encoder == Path(model.params.encoder).name
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {
        "embedding.json",
        "encoder.json",
        "encoder.safetensors",
        "tokenizer.json",
        "weights.safetensors",
    }


def test_more_documents_take_more_memory() -> None:
    model = Embedding()
    plans = [model.plan(documents(n)[0], 3) for n in (10, 1000)]
    assert plans[1] - plans[0] >= 990 * 384 * 4


def test_what_was_read_is_not_read_again(make_encoder: Callable[..., Path]) -> None:
    folder = str(make_encoder())
    texts, _ = documents(30)
    model = Embedding(EmbeddingParams(encoder=folder))
    n = len(set(texts.texts.to_pylist()))
    assert model.unread(texts) == n
    model.read(texts.slice(0, 1), Silent())
    assert model.unread(texts) == n - 1
    Embedding(EmbeddingParams(encoder=folder)).read(texts, Silent())
    assert model.unread(texts) == 0


def test_a_family_that_is_not_to_remember_reads_nothing_ahead(
    make_encoder: Callable[..., Path], tmp_path: Path
) -> None:
    model = Embedding(EmbeddingParams(encoder=str(make_encoder()), remember=False))
    texts, _ = documents(30)
    model.read(texts, Silent())
    assert model.unread(texts) == 0
    assert not (tmp_path / "cache" / "encodings").exists()
