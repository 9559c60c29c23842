from __future__ import annotations

import itertools
import math
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.data.corpus import read_corpus
from newsdesk.models.neural.awd_lstm.network import AwdLstmModel
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.awd_lstm.pretraining import from_texts, pretrain, rate_factors
from newsdesk.models.neural.awd_lstm.reading import SEPARATOR, learn_vocab
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.models.neural.language.kinds import Pretrained
from newsdesk.models.neural.language.pretraining import hold_out
from newsdesk.types import Documents, Silent

TEXTS = [
    *["the bank raises rates", "the bank cuts rates", "the cup final", "the keeper saves the cup"],
    *["shares rise as rates fall", "the striker wins the cup", "a phone with a new chip"],
    *["the phone app", "the chip maker raises profit", "profit falls at the bank", "goal in cup"],
]
DOCUMENTS = Documents.from_texts([f"{text} {n % 3}" for n in range(4) for text in TEXTS])


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks this small have nothing to share."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


def params(**values: Any) -> AwdLstmParams:
    quick = {"embedding_dim": 6, "units": 8, "epochs": 2, "min_updates": 0, "batch_size": 4}
    quick |= {"window": 5, "n_samples": 0, "learning_rate": 0.02, "device": "cpu"}
    quick |= {"min_count": 1, "held_out": 0.1}
    return AwdLstmParams(**(quick | values))


def made(settings: AwdLstmParams, *, start: Encoder[Any] | None = None, **more: Any) -> Pretrained:
    documents = more.pop("documents", DOCUMENTS)
    vocab, sequences = learn_vocab(documents, 1000, settings.min_count, Silent())
    return pretrain(
        vocab, sequences, settings, start=start, seed=more.pop("seed", 1), progress=Silent(), **more
    )


def same(one: Pretrained, other: Pretrained) -> bool:
    mine, theirs = one.encoder.tensors, other.encoder.tensors
    return mine.keys() == theirs.keys() and all(
        np.array_equal(mine[name], theirs[name]) for name in mine
    )


def test_the_model_holds_the_words_and_the_weights_of_its_sizes() -> None:
    settings = params()
    encoder, stage = from_texts(DOCUMENTS, settings, seed=1, progress=Silent(), source="news.csv")
    assert encoder.kind == "awd-lstm"
    assert encoder.vocab is not None
    assert SEPARATOR in encoder.vocab.words
    assert encoder.architecture == settings.architecture
    shapes = settings.architecture.shapes(len(encoder.vocab.words))
    assert {name: array.shape for name, array in encoder.tensors.items()} == shapes
    assert all(array.dtype == np.float32 for array in encoder.tensors.values())
    origin = encoder.origin
    assert (origin.how, origin.source, origin.n_texts) == ("pretrained", "news.csv", 40)
    _, sequences = learn_vocab(DOCUMENTS, 1000, 1, Silent())
    assert origin.n_tokens == len(sequences.take(hold_out(44, 0.1, 1)[0]).ids)
    assert origin.settings["embedding_dim"] == 6
    column = stage.columns.index("held-out perplexity")
    assert origin.perplexities == pytest.approx([row[column] for row in stage.rows])


def test_words_are_learnt_as_the_settings_say() -> None:
    few = from_texts(DOCUMENTS, params(vocab_size=6, epochs=1), seed=1, progress=Silent())
    assert few.encoder.vocab is not None
    assert len(few.encoder.vocab.words) == 6
    rare = from_texts(DOCUMENTS, params(min_count=9, epochs=1), seed=1, progress=Silent())
    assert rare.encoder.vocab is not None
    assert "app" not in rare.encoder.vocab.words
    assert "the" in rare.encoder.vocab.words


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_real_news_becomes_less_of_a_surprise_than_by_its_frequencies(direction: Any) -> None:
    texts = Documents.from_texts(read_corpus("sample").documents.texts.to_pylist()[:600])
    settings = params(
        **{f"{name}_dropout": 0.0 for name in ("embedding", "input", "weight", "hidden", "output")},
        embedding_dim=24,
        units=24,
        layers=1,
        epochs=4,
        learning_rate=0.06,
        batch_size=16,
        window=10,
        min_count=5,
        direction=direction,
    )
    encoder, stage = from_texts(texts, settings, seed=0, progress=Silent())
    said = stage.notes[-1]
    unigram = float(said.rsplit(" ", 1)[1].rstrip(".").replace(",", ""))
    assert unigram > 20
    assert min(encoder.origin.perplexities) < 0.9 * unigram
    assert encoder.architecture.direction == direction  # type: ignore[attr-defined]


def test_the_same_seed_gives_the_same_bits_and_another_one_others() -> None:
    assert same(made(params()), made(params()))
    assert not same(made(params()), made(params(), seed=2))


def test_the_direction_makes_another_model() -> None:
    assert not same(made(params()), made(params(direction="backward")))


@pytest.mark.parametrize("texts", [[], [""], ["bank"], ["", "", " ", "."], ["bank", ""]])
def test_hardly_any_text_is_a_model_all_the_same(texts: list[str]) -> None:
    found = made(params(), documents=Documents.from_texts(texts))
    assert all(np.isfinite(array).all() for array in found.encoder.tensors.values())
    assert all(math.isfinite(value) for value in found.encoder.origin.perplexities)


# ── on from another model ────────────────────────────────────────────────────────────────────────


def test_known_words_keep_their_vectors_and_new_ones_begin_with_their_mean() -> None:
    before = made(params()).encoder
    more = Documents.from_texts([*DOCUMENTS.texts.to_pylist(), *["goal robot browser"] * 3])
    still = params(learning_rate=1e-12, epochs=1, min_count=2)
    after = made(still, start=before, documents=more).encoder
    assert before.vocab is not None
    assert after.vocab is not None
    old = {word: place for place, word in enumerate(before.vocab.words)}
    assert set(after.vocab.words) - set(old) == {"robot", "browser"}
    for name in ("embedding", "decoder.bias"):
        mean = before.tensors[name][2:].mean(axis=0)  # of all words, not of <pad> and <OOV>
        for place, word in enumerate(after.vocab.words):
            expected = before.tensors[name][old[word]] if word in old else mean
            assert after.tensors[name][place] == pytest.approx(expected, abs=1e-6), word
    for name in before.tensors.keys() - {"embedding", "decoder.bias"}:
        assert after.tensors[name] == pytest.approx(before.tensors[name], abs=1e-6)


def test_the_sizes_are_those_of_the_model_before() -> None:
    before = made(params(layers=3, units=5)).encoder
    after = made(params(layers=1, units=9, embedding_dim=7), start=before).encoder
    assert after.architecture == before.architecture


def test_lower_layers_move_more_slowly() -> None:
    assert rate_factors(3, 2.6) == pytest.approx(
        {
            **{f"lstm.2.{part}": 1.0 for part in ("input", "recurrent", "bias")},
            **{f"lstm.1.{part}": 1 / 2.6 for part in ("input", "recurrent", "bias")},
            **{f"lstm.0.{part}": 1 / 2.6**2 for part in ("input", "recurrent", "bias")},
            "embedding.weight": 1 / 2.6**3,
        }
    )
    assert set(rate_factors(2, 1.0).values()) == {1.0}


@pytest.mark.parametrize("tuned", [False, True])
def test_only_a_model_that_is_trained_on_has_rates_of_its_own(
    tuned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[AwdLstmModel] = []
    own = AwdLstmModel.__init__

    def noted(self: AwdLstmModel, *arguments: Any, **named: Any) -> None:
        own(self, *arguments, **named)
        seen.append(self)

    start = made(params(epochs=1)).encoder if tuned else None
    monkeypatch.setattr(AwdLstmModel, "__init__", noted)
    made(params(epochs=1), start=start)
    factors = set(seen[-1].wishes.rate_factors.values())
    assert factors == ({1.0, 1 / 2.6, 1 / 2.6**2} if tuned else {1.0})


def test_what_is_trained_on_is_less_surprised_at_first() -> None:
    before = made(params(epochs=20, learning_rate=0.05))
    first = made(params(epochs=1))
    tuned = made(params(epochs=1), start=before.encoder)
    assert tuned.encoder.origin.perplexities[0] < 0.8 * first.encoder.origin.perplexities[0]
    assert "first values" in first.stage.title
    assert "tuned" in tuned.stage.title


# ── interruption ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("tuned", [False, True])
def test_a_training_that_is_interrupted_ends_with_the_same_bits(
    tuned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = made(params(epochs=1)).encoder if tuned else None
    expected = made(params(), start=start)
    calls, own = itertools.count(1), AwdLstmModel.forward

    def interrupting(self: AwdLstmModel, *batch: Any) -> Any:
        if next(calls) in {3, 17}:
            signal.raise_signal(signal.SIGINT)
        return own(self, *batch)

    monkeypatch.setattr(AwdLstmModel, "forward", interrupting)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt, match="is kept"):
            made(params(), start=start, checkpoints=tmp_path)
    found = made(params(), start=start, checkpoints=tmp_path)
    assert same(found, expected)
    assert found.encoder.origin == expected.encoder.origin


def test_a_training_of_other_texts_settings_or_first_values_is_not_gone_on_with(
    tmp_path: Path,
) -> None:
    start = made(params(epochs=1)).encoder
    changed = {name: array + np.float32(0.01) for name, array in start.tensors.items()}
    other_texts = Documents.from_texts(DOCUMENTS.texts.to_pylist()[:-1])
    acts: list[dict[str, Any]] = [
        {"settings": params(epochs=1)},
        {"settings": params(epochs=1), "documents": other_texts},
        {"settings": params(epochs=1, learning_rate=0.03)},
        {"settings": params(epochs=1), "seed": 9},
        {"settings": params(epochs=1), "start": start},
        {"settings": params(epochs=1), "start": replace(start, tensors=changed)},
    ]
    for act in acts:
        assert same(made(**act, checkpoints=tmp_path), made(**act))


def test_a_finished_training_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = made(params(), checkpoints=tmp_path)
    monkeypatch.setattr(AwdLstmModel, "forward", lambda *_: pytest.fail("a step was made"))
    assert same(made(params(), checkpoints=tmp_path), expected)
