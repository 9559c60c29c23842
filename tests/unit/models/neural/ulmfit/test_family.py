from __future__ import annotations

import itertools
import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from newsdesk.errors import BundleFormatError
from newsdesk.models import registry
from newsdesk.models.neural.awd_lstm import pretraining
from newsdesk.models.neural.awd_lstm.network import AwdLstmModel
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.ulmfit import Ulmfit, UlmfitParams
from newsdesk.models.neural.ulmfit.network import UlmfitNetwork
from newsdesk.predictions import softmax
from newsdesk.types import Documents, Silent, numbered, string_array

LANGUAGE = AwdLstmParams(
    embedding_dim=6,
    units=8,
    epochs=2,
    min_updates=0,
    batch_size=4,
    window=8,
    learning_rate=0.02,
    min_count=1,
)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks this small have nothing to share."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


@pytest.fixture
def encoder(make: Any, tmp_path: Path) -> Path:
    """An encoder folder of other words and other sizes than those of the settings."""
    texts = [*make(40, seed=8)[0].texts.to_pylist(), "robot browser bank", "robot"]
    home = tmp_path / "encoders" / "news"
    home.mkdir(parents=True)
    settings = replace(LANGUAGE, units=5, layers=3, direction="backward")
    documents = Documents.from_texts(texts)
    made = pretraining.from_texts(documents, settings, seed=3, progress=Silent())
    folder.write(made.encoder, home)
    return home


def language_of(model: Any) -> dict[str, Any]:
    found: dict[str, Any] = model._language.encoder.tensors
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(array, other[name]) for name, array in one.items()
    )


# ── the language model ───────────────────────────────────────────────────────────────────────────


def test_the_language_model_reads_no_label(make: Any, train: Any) -> None:
    documents, y = make(40)
    first, other = (train("ulmfit", documents, own).model for own in (y, (y + 1) % 3))
    assert same(language_of(first), language_of(other))
    assert not same(first.tensors, other.tensors)


def test_the_language_model_reads_no_valid_row(make: Any, train: Any) -> None:
    unseen = Documents.from_texts(["robot robot robot"] * 3), np.array([0, 1, 2])
    model = train("ulmfit", *make(40), valid=unseen).model
    assert "robot" not in model.reader.vocab.words
    assert same(language_of(model), language_of(train("ulmfit", *make(40)).model))


def test_the_classifier_begins_with_the_weights_of_the_language_model(
    make: Any, train: Any
) -> None:
    model = train("ulmfit", *make(40), learning_rate=1e-9).model
    for name, array in language_of(model).items():
        if name != "decoder.bias":
            assert model.tensors[name] == pytest.approx(array, abs=1e-6), name


def test_without_one_the_network_learns_from_first_values(make: Any, train: Any) -> None:
    model = train("ulmfit", *make(40), pretrained=False).model
    assert model._language is None
    (stage,) = model.history.stages
    assert stage.notes == ("Without a language model: all from first values.",)
    other = train("ulmfit", *make(40), learning_rate=1e-9, pretrained=False).model
    assert np.abs(other.tensors["embedding"]).max() < 0.051  # as they are drawn


def test_the_stages_are_told(make: Any, train: Any) -> None:
    model = train("ulmfit", *make(40), epochs=4, rate_decay=2.6).model
    language, classifier = model.history.stages
    assert language.title == "Language model, from first values"
    assert "held-out perplexity" in language.columns
    assert len(language.rows) == 2
    assert all(row[1] > 1 for row in language.rows)
    assert classifier.title == "Classifier"
    assert [row[1] for row in classifier.rows] == [
        "dense blocks",
        "dense blocks, layer 2",
        "dense blocks, layer 2, layer 1",
        "dense blocks, layer 2, layer 1, word vectors",
    ]
    assert classifier.rows[3][3] == "0.02, 0.0077, 0.003, 0.0011"
    assert len(model.history.epochs) == 4


def test_refitting_keeps_the_language_model(
    make: Any, train: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = train("ulmfit", *make(40), valid=make(12, seed=5)).model
    language, history = language_of(model), model.history
    words, before = model.reader.vocab.words, dict(model.tensors)
    monkeypatch.setattr(pretraining, "pretrain", lambda *_, **__: pytest.fail("trained anew"))
    texts = string_array(["robot bank", "cup goal"])
    more = Documents(numbered(2), {"headline": texts})
    model.refit(more, np.array([0, 1]), rng=np.random.default_rng(), progress=Silent())
    assert same(language_of(model), language)
    assert model.reader.vocab.words == words
    assert model.history == history
    assert not same(model.tensors, before)


def test_a_second_fit_trains_another_language_model(make: Any, train: Any) -> None:
    model = train("ulmfit", *make(40)).model
    first = language_of(model)
    documents, y = make(40, seed=7)
    model.fit(
        documents,
        y,
        n_classes=3,
        valid=None,
        rng=np.random.default_rng(0),
        progress=Silent(),
    )
    again = train("ulmfit", documents, y).model
    assert not same(language_of(model), first)
    assert same(model.tensors, again.tensors)


# ── an encoder folder ────────────────────────────────────────────────────────────────────────────


def test_with_an_encoder_its_sizes_count_and_known_words_keep_their_vectors(
    make: Any, train: Any, encoder: Path
) -> None:
    still = replace(LANGUAGE, learning_rate=1e-12)
    model = train(
        "ulmfit", *make(40), encoder=str(encoder), pretraining=still, learning_rate=1e-12
    ).model
    start = load_file(encoder / "weights.safetensors")
    words = json.loads((encoder / "vocab.json").read_bytes())["words"]
    old = {word: start["embedding"][place] for place, word in enumerate(words)}
    mean = start["embedding"][2:].mean(axis=0)
    own = model.reader.vocab.words
    assert "robot" not in own
    for place, word in enumerate(own):
        assert model.tensors["embedding"][place] == pytest.approx(old.get(word, mean), abs=1e-6)
    assert model.tensors["lstm.2.forward.input"] == pytest.approx(
        start["lstm.2.forward.input"], abs=1e-6
    )
    assert model.history.stages[0].title == "Language model, tuned to the training texts"


def test_an_encoder_is_tuned_to_the_training_texts(make: Any, train: Any, encoder: Path) -> None:
    model = train("ulmfit", *make(40), encoder=str(encoder)).model
    start = load_file(encoder / "weights.safetensors")
    assert not np.allclose(
        language_of(model)["lstm.0.forward.input"], start["lstm.0.forward.input"], atol=1e-5
    )


@pytest.mark.parametrize("released", [False, True])
def test_a_bundle_says_the_sizes_of_the_encoder_and_only_the_name_of_its_folder(
    released: bool, make: Any, train: Any, encoder: Path, tmp_path: Path
) -> None:
    model = train("ulmfit", *make(40), encoder=str(encoder)).model
    shutil.rmtree(encoder)  # is not needed any more
    if released:
        model.release()
    for name in ("first", "second"):
        home = tmp_path / name
        home.mkdir()
        model.save(home)
        saved = json.loads((home / "network.json").read_bytes())["params"]
        assert saved["encoder"] == "news"
        assert str(tmp_path) not in (home / "network.json").read_text(encoding="utf-8")
        sizes = {key: saved["pretraining"][key] for key in ("units", "layers", "direction")}
        assert sizes == {"units": 5, "layers": 3, "direction": "backward"}
        documents = make(9, seed=4)[0]
        loaded = Ulmfit.load(home)
        assert np.array_equal(loaded.decision(documents).values, model.decision(documents).values)
        model = loaded


def test_texts_are_read_in_the_direction_of_the_encoder(
    make: Any, train: Any, encoder: Path
) -> None:
    trained = train("ulmfit", *make(40), encoder=str(encoder))
    sequences = trained.model.reader.read(Documents.from_texts(["bank cup goal"])).sequences
    words = trained.model.reader.vocab.decode(sequences.ids)
    assert words == ["<bos>", "goal", "cup", "bank"]
    documents = make(9, seed=4)[0]
    found = softmax(trained.model.decision(documents).values)
    assert np.abs(found - softmax(trained.by_torch(documents))).max() < 1e-5


def test_what_is_no_encoder_folder_is_refused_before_anything_is_trained(
    make: Any, train: Any, tmp_path: Path
) -> None:
    with pytest.raises(BundleFormatError, match="no encoder folder"):
        train("ulmfit", *make(40), encoder=str(tmp_path))


# ── predicting ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hidden", [(), (6,), (5, 4)])
def test_the_predictor_answers_as_torch_does_with_normalisation_and_all(
    hidden: tuple[int, ...], make: Any, train: Any
) -> None:
    trained = train("ulmfit", *make(60), hidden=hidden, epochs=14)
    documents = Documents.from_texts([*make(20, seed=4)[0].texts.to_pylist(), "", "bank " * 300])
    found = trained.model.decision(documents).values
    assert np.abs(softmax(found) - softmax(trained.by_torch(documents))).max() < 1e-5
    assert np.abs(found - trained.by_torch(documents, alone=True)).max() < 1e-4
    assert np.ptp(softmax(found), axis=0).min() > 0.01
    means = [norm.mean for norm in trained.network.head.norm]
    assert all(mean.abs().max() > 0 for mean in means)


@pytest.mark.parametrize("n", [1, 17])  # one row alone in its batch
def test_a_batch_of_one_row_is_no_fault(n: int, make: Any, train: Any) -> None:
    model = train("ulmfit", *make(n)).model
    assert np.isfinite(model.decision(make(5)[0]).values).all()


def test_saved_tensors_have_the_shapes_that_are_checked_when_they_are_loaded(
    make: Any, train: Any
) -> None:
    model = train("ulmfit", *make(30)).model
    found = {name: tensor.shape for name, tensor in model.tensors.items()}
    assert found == Ulmfit._shapes(model.params, len(model.reader.vocab.words), 3)
    assert not any("norm" in name or "decoder" in name for name in found)


def test_a_token_takes_more_memory_with_more_states() -> None:
    small, large = (
        Ulmfit._bytes_per_token(UlmfitParams(pretraining=AwdLstmParams(units=units)))
        for units in (100, 1000)
    )
    assert 0 < small < large


def test_the_full_softmax_of_a_language_model_takes_memory(make: Any) -> None:
    documents = make(60)[0].take(np.arange(6000) % 60)

    def plan(n_samples: int, *, pretrained: bool = True) -> int:
        language = AwdLstmParams(n_samples=n_samples)
        return Ulmfit(UlmfitParams(pretraining=language, pretrained=pretrained)).plan(documents, 3)

    assert plan(0) > plan(500) > plan(50) > plan(50, pretrained=False)
    assert plan(0, pretrained=False) == plan(50, pretrained=False)


@pytest.mark.parametrize(
    "values",
    [
        {"precision": "bfloat16", "pretraining": replace(LANGUAGE, precision="bfloat16")},
        {"accumulate": 3, "pretraining": replace(LANGUAGE, accumulate=3)},
        {"window": 2, "optimizer": "adamw", "weight_decay": 0.1},
    ],
    ids=lambda values: "-".join(values),
)
def test_other_ways_of_training_give_other_weights_that_work(
    values: dict[str, Any], make: Any, train: Any
) -> None:
    model, plain = (train("ulmfit", *make(40), **own).model for own in (values, {}))
    assert not same(model.tensors, plain.tensors)
    assert np.isfinite(model.decision(make(5)[0]).values).all()


def test_the_search_space_names_what_it_draws() -> None:
    asked = []
    Ulmfit.space(lambda name, choices: asked.append(name) or choices[0])
    assert {"dropout", "weight_dropout", "learning_rate"} <= set(asked)
    assert registry.find("ulmfit").load() is Ulmfit


# ── interruption ─────────────────────────────────────────────────────────────────────────────────


def fitted(make: Any, home: Path | None) -> Any:
    documents, y = make(40)
    settings = UlmfitParams(
        pretraining=LANGUAGE,
        hidden=(6,),
        epochs=4,
        min_updates=0,
        batch_size=16,
        min_count=1,
        learning_rate=0.02,
    )
    model = Ulmfit(settings)
    model.checkpoints = home
    rng = np.random.default_rng(0)
    return model.fit(documents, y, n_classes=3, valid=make(12, seed=5), rng=rng, progress=Silent())


@pytest.mark.parametrize(
    ("stage", "network", "places"),
    # Updates of the language model, and of the classifier in its first epochs.
    [("language", AwdLstmModel, (2, 7)), ("classifier", UlmfitNetwork, (2, 5, 8))],
)
def test_a_training_that_is_interrupted_in_either_stage_ends_with_the_same_bits(
    stage: str,
    network: Any,
    places: tuple[int, ...],
    make: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = fitted(make, None)
    calls, own = itertools.count(1), network.forward

    def interrupting(self: Any, *batch: Any) -> Any:
        if self.training and next(calls) in places:
            signal.raise_signal(signal.SIGINT)
        return own(self, *batch)

    monkeypatch.setattr(network, "forward", interrupting)
    for _ in places:
        with pytest.raises(KeyboardInterrupt, match="is kept"):
            fitted(make, tmp_path)
    assert (tmp_path / "pretrain.safetensors").exists()
    assert (tmp_path / "fit.safetensors").exists() == (stage == "classifier")
    found = fitted(make, tmp_path)
    assert same(found.tensors, expected.tensors)
    assert same(language_of(found), language_of(expected))
    column = found.history.stages[0].columns.index("held-out perplexity")
    perplexities = [
        [row[column] for row in each.history.stages[0].rows] for each in (found, expected)
    ]
    assert perplexities[0] == perplexities[1]
    assert [row[:4] for row in found.history.stages[1].rows] == [
        row[:4] for row in expected.history.stages[1].rows
    ]
