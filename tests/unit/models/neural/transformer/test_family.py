"""Tiny encoders with random weights, trained for moments."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from newsdesk.errors import BundleFormatError, ConfigError, NotFittedError
from newsdesk.models.neural.encoders.pretrained import find
from newsdesk.models.neural.transformer import Transformer, TransformerParams
from newsdesk.models.neural.transformer.examples import WindowExamples
from newsdesk.types import Documents, Silent, string_array

TOPICS = ["bank rates rise profit shares market", "goal cup final keeper", "chip phone app code"]
QUICK = {"max_tokens": 16, "stride": 4, "batch_size": 16, "learning_rate": 0.003, "epochs": 2}
QUICK |= {"device": "cpu", "precision": "float32", "dropout": 0.0, "head_dropout": 0.0}
QUICK |= {"kept_precision": "float32"}

Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks this small have nothing to share."""
    monkeypatch.setenv("NEWSDESK_THREADS", "1")


@pytest.fixture(name="encoder", scope="session")
def _encoder(make_encoder: Make) -> Path:
    return make_encoder(hidden_act="gelu")


def some(n: int, seed: int = 0) -> Any:
    """Documents of 1 to 30 words that say the class."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 3)
    texts = [" ".join(rng.choice(TOPICS[c].split(), rng.integers(1, 31))) for c in y]
    return Documents.from_texts(texts), y


def fitted(encoder: Path, n: int = 40, *, seed: int = 0, valid: Any = None, **settings: Any) -> Any:
    model = Transformer(TransformerParams(**{**QUICK, "encoder": str(encoder), **settings}))
    model.checkpoints = settings.pop("checkpoints", None)
    rng = np.random.default_rng(seed)
    return model.fit(*some(n), n_classes=3, valid=valid, rng=rng, progress=Silent())


def same(one: Any, other: Any) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one
    )


def test_it_learns_what_the_pieces_tell(encoder: Path) -> None:
    model = fitted(encoder, 120, valid=some(30, seed=5), epochs=6, learning_rate=0.01)
    documents, y = some(60, seed=9)
    assert (model.predict_proba(documents).argmax(axis=1) == y).mean() > 0.9
    losses = [epoch.train_loss for epoch in model.history.epochs]
    assert losses[-1] < losses[0]
    assert model.history.epochs[-1].learning_rate < 0.003


def test_training_begins_with_the_pretrained_weights(encoder: Path) -> None:
    model = fitted(encoder, learning_rate=1e-9, epochs=1)
    pretrained = find(str(encoder)).tensors()
    assert set(model.tensors) == {*pretrained, "output.weight", "output.bias"}
    for name, array in pretrained.items():
        assert np.abs(model.tensors[name] - array).max() < 1e-6
    moved = fitted(encoder).tensors
    assert all(np.abs(moved[name] - array).max() > 0 for name, array in pretrained.items())


def test_the_lowest_layers_stay_where_that_is_asked_for(encoder: Path) -> None:
    found = fitted(encoder, frozen_layers=1).tensors
    for name, array in find(str(encoder)).tensors().items():
        stays = not name.startswith("layer.1.")
        assert np.array_equal(found[name], array) == stays, name


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"kept_precision": "int8"},
        {"pooling": "cls", "max_windows": 1},
        {"accumulate": 2, "recompute": True},
    ],
    ids=str,
)
def test_a_loaded_model_gives_the_same_bits(
    settings: dict[str, Any], encoder: Path, tmp_path: Path
) -> None:
    model = fitted(encoder, **settings)
    model.save(tmp_path)
    loaded = Transformer.load(tmp_path)
    documents = Documents.from_texts(
        [*some(20, seed=3)[0].texts.to_pylist(), "", "zebra", "goal " * 90]
    )
    scores, again = model.decision(documents), loaded.decision(documents)
    assert np.array_equal(scores.values, again.values)
    assert scores.low_evidence.nonzero()[0].tolist() == [20]
    assert np.array_equal(scores.low_evidence, again.low_evidence)
    order = np.random.default_rng(3).permutation(len(documents))
    assert np.abs(loaded.decision(documents.take(order)).values - scores.values[order]).max() < 1e-5
    for row in range(len(documents)):
        alone = loaded.decision(documents.slice(row, row + 1)).values
        assert np.abs(alone[0] - scores.values[row]).max() < 1e-5


def test_what_is_saved_names_the_encoder_but_not_its_place(encoder: Path, tmp_path: Path) -> None:
    fitted(encoder).save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "network.json",
        "tokenizer.json",
        "weights.safetensors",
    ]
    saved = json.loads((tmp_path / "network.json").read_text(encoding="utf-8"))
    assert saved["params"]["encoder"] == encoder.name
    assert saved["pooling"] == "mean"
    assert saved["architecture"]["n_layers"] == 2
    assert all(
        array.dtype == np.float32 for array in load_file(tmp_path / "weights.safetensors").values()
    )


def test_integers_take_a_quarter_of_the_room_and_answer_nearly_the_same(
    make_encoder: Make, tmp_path: Path
) -> None:
    folder = make_encoder(width=64, n_layers=1)
    documents, _ = some(30, seed=3)
    proba, sizes = [], []
    for precision in ("float32", "int8"):
        model = fitted(folder, kept_precision=precision)
        home = tmp_path / precision
        home.mkdir()
        model.save(home)
        sizes.append((home / "weights.safetensors").stat().st_size)
        proba.append(model.predict_proba(documents))
    assert sizes[1] < sizes[0] / 2
    assert np.abs(proba[1] - proba[0]).max() < 0.05
    assert not np.array_equal(*proba)


def test_pooling_is_the_encoders_unless_told_otherwise(make_encoder: Make) -> None:
    folder = make_encoder(pooling="cls")
    assert fitted(folder, epochs=1)._saved.pooling == "cls"
    assert fitted(folder, epochs=1, pooling="mean")._saved.pooling == "mean"


def test_what_is_read_is_in_the_notes(encoder: Path) -> None:
    texts = Documents.from_texts(["bank " * 14, "goal " * 15, "cup " * 40])
    model = fitted(encoder, valid=(texts, np.array([0, 1, 2])), max_windows=2)
    assert model.notes[0] == f"The encoder is {encoder}, from the folder {encoder}."
    assert model.notes[1].startswith("Training texts: ")
    assert model.notes[2] == (
        "Valid texts: 23.2 % of the word pieces stand behind the last window and are not read "
        "(1 text), 2 texts have several windows."
    )


def test_the_fields_are_read_one_behind_the_other(encoder: Path) -> None:
    model = fitted(encoder)
    fields = {"headline": string_array(["bank", "goal"]), "description": string_array(["app", ""])}
    two = Documents(string_array(["0", "1"]), fields)
    joined = Documents.from_texts(["bank app", "goal "])
    assert np.array_equal(model.decision(two).values, model.decision(joined).values)


def test_the_same_seed_gives_the_same_bits_and_another_one_others(encoder: Path) -> None:
    settings = {"dropout": 0.2, "head_dropout": 0.2}
    first = fitted(encoder, **settings).tensors
    assert same(first, fitted(encoder, **settings).tensors)
    assert not same(first, fitted(encoder, seed=1, **settings).tensors)


@pytest.mark.parametrize("settings", [{}, {"accumulate": 2, "recompute": True}], ids=str)
def test_an_interrupted_training_goes_on_to_the_same_bits(
    settings: dict[str, Any], encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"dropout": 0.2, "batch_size": 8, **settings}
    expected = fitted(encoder, valid=some(9, seed=5), **settings)
    own, n_calls = WindowExamples.batch, 0

    def interrupting(self: WindowExamples, *arguments: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls == 3:
            signal.raise_signal(signal.SIGINT)
        return own(self, *arguments)

    model = Transformer(TransformerParams(**{**QUICK, "encoder": str(encoder), **settings}))
    model.checkpoints = tmp_path

    def fit() -> None:
        rng, valid = np.random.default_rng(0), some(9, seed=5)
        model.fit(*some(40), n_classes=3, valid=valid, rng=rng, progress=Silent())

    with monkeypatch.context() as patch:
        patch.setattr(WindowExamples, "batch", interrupting)
        with pytest.raises(KeyboardInterrupt, match="is kept"):
            fit()
    with pytest.raises(NotFittedError):
        model.decision(some(3)[0])
    fit()
    assert same(model.tensors, expected.tensors)


def test_a_training_of_another_encoder_is_not_gone_on_with(
    encoder: Path, make_encoder: Make, tmp_path: Path
) -> None:
    other = make_encoder(seed=4)
    expected = fitted(other, epochs=1).tensors
    for folder in (encoder, other):
        model = Transformer(TransformerParams(**{**QUICK, "encoder": str(folder), "epochs": 1}))
        model.checkpoints = tmp_path
        rng = np.random.default_rng(0)
        model.fit(*some(40), n_classes=3, valid=None, rng=rng, progress=Silent())
    assert same(model.tensors, expected)


def test_refitting_takes_valid_in(encoder: Path) -> None:
    valid = some(12, seed=5)
    model = fitted(encoder, valid=valid)
    before, history = model.tensors, model.history
    model.refit(*valid, rng=np.random.default_rng(), progress=Silent())
    assert model.history == history
    assert not same(model.tensors, before)
    assert model.notes[-1].endswith(f"for {history.n_steps} steps.")


def test_it_trains_in_bfloat16(encoder: Path) -> None:
    model = fitted(encoder, precision="bfloat16", valid=some(12, seed=5))
    exact = fitted(encoder, valid=some(12, seed=5))
    assert all(array.dtype == np.float32 for array in model.tensors.values())
    documents = some(20, seed=3)[0]
    assert np.abs(model.predict_proba(documents) - exact.predict_proba(documents)).max() < 0.1


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"max_tokens": 33}, "max_tokens is 33, but .* reads 32 at the most"),
        ({"frozen_layers": 3}, "frozen_layers is 3, but .* has 2 layers"),
    ],
)
def test_settings_that_the_encoder_cannot_follow_are_refused(
    settings: dict[str, Any], problem: str, encoder: Path
) -> None:
    with pytest.raises(ConfigError, match=problem):
        fitted(encoder, **settings)


def test_an_answer_before_the_fit_is_refused() -> None:
    documents = Documents.from_texts(["bank"])
    with pytest.raises(NotFittedError, match="This transformer model is not fitted"):
        Transformer().decision(documents)


@pytest.mark.parametrize("fault", ["missing", "shape", "heads", "layers", "positions", "pieces"])
def test_files_that_do_not_fit_are_refused(fault: str, encoder: Path, tmp_path: Path) -> None:
    fitted(encoder, epochs=1).save(tmp_path)
    if fault in ("missing", "shape"):
        tensors = load_file(tmp_path / "weights.safetensors")
        bias = tensors.pop("output.bias")
        if fault == "shape":
            tensors["output.bias"] = np.append(bias, bias)
        save_file(tensors, tmp_path / "weights.safetensors")
    else:
        path = tmp_path / "network.json"
        saved = json.loads(path.read_text(encoding="utf-8"))
        wrong = {"heads": 3, "layers": 10**12, "positions": 8, "pieces": 3}[fault]
        saved["architecture"][f"n_{fault}"] = wrong
        path.write_text(json.dumps(saved), encoding="utf-8")
    with pytest.raises(BundleFormatError):
        Transformer.load(tmp_path)


def test_the_estimate_of_memory_grows_with_batch_windows_and_encoder(
    encoder: Path, make_encoder: Make
) -> None:
    documents = Documents.from_texts(["bank rates rise again " * 50] * 30)

    def plan(folder: Path = encoder, **settings: Any) -> int:
        params = TransformerParams(**{**QUICK, "encoder": str(folder), **settings})
        return Transformer(params).plan(documents, 3)

    small = plan()
    assert 0 < small < 1e9
    assert plan(batch_size=512) > small
    assert plan(max_windows=16) > small
    assert plan(recompute=True) < small
    assert plan(make_encoder(width=64)) > small
    assert Transformer(TransformerParams(encoder=str(encoder))).plan(documents.slice(0, 0), 3) > 0


def test_the_search_space_names_what_it_draws() -> None:
    asked = []
    Transformer.space(lambda name, choices: asked.append(name) or choices[0])
    assert {"learning_rate", "layer_decay", "dropout", "epochs"} <= set(asked)


def test_the_random_numbers_of_torch_are_left_alone(encoder: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fitted(encoder, epochs=1)
    assert torch.equal(torch.rand(3), expected)
