from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from newsdesk.errors import BundleFormatError
from newsdesk.models import files
from newsdesk.models.neural.elmo.params import ElmoParams
from newsdesk.models.neural.elmo_lstm import ElmoLstm, ElmoLstmParams
from newsdesk.models.neural.elmo_lstm.reading import Activations
from newsdesk.models.neural.forward.contextual import ContextualWords
from newsdesk.models.neural.forward.pieces import Piece
from newsdesk.models.neural.language import folder
from newsdesk.models.neural.language.folder import Encoder
from newsdesk.types import Silent

Make = Callable[..., Any]


def fitted(documents: Any, y: Any, *, valid: Any = None, seed: int = 0, **settings: Any) -> Any:
    quick = {"units": 5, "epochs": 3, "min_updates": 0, "batch_size": 16, "learning_rate": 0.02}
    model = ElmoLstm(ElmoLstmParams(**{**quick, **settings}))
    rng = np.random.default_rng(seed)
    return model.fit(documents, y, n_classes=3, valid=valid, rng=rng, progress=Silent())


def test_it_learns_classes_from_a_given_language_model(make: Make, encoder_folder: Path) -> None:
    settings = {"epochs": 12, "units": 12, "dropout": 0.0, "patience": 0}
    model = fitted(*make(120), encoder=str(encoder_folder), **settings)
    documents, y = make(60, seed=1)
    assert (model.predict_proba(documents).argmax(axis=1) == y).mean() > 0.8
    assert model.notes[0] == (
        "The language model was trained on 12 words of 3 texts, perplexity 8.5."
    )


@pytest.mark.parametrize(
    "settings", [{"layers": 2, "hidden": (4,)}, {"pooling": "attention"}, {"layer_norm": True}]
)
def test_it_answers_as_the_network_that_was_trained(
    settings: dict[str, Any], make: Make, encoder_folder: Path
) -> None:
    from newsdesk.models.neural.elmo_lstm.examples import ElmoExamples
    from newsdesk.models.neural.elmo_lstm.network import ElmoLstmNetwork

    model = fitted(*make(30), encoder=str(encoder_folder), **settings)
    documents, y = make(20, seed=2)
    sight = model.reader.see(documents)
    vectors = model.reader.network.vectors(sight.words)
    parts = []
    for row in range(20):
        own = sight.sequences.take(np.array([row]))
        words, place = np.unique(own.ids, return_inverse=True)
        layers = model.reader.network.states(vectors, Piece(own.indptr, words, place))
        parts.append(np.concatenate(layers, axis=1))
    # Whole numbers of the language model, where training takes halves.
    states: Any = np.concatenate(parts)
    whole = Activations(vectors[:-2], sight.sequences, sight.sequences.indptr[:-1], states)
    norm = model.params.layer_norm
    network = ElmoLstmNetwork(model.params.network, 3, 16, 3, torch.Generator(), norm=norm)
    names = {
        name.replace("ahead", "forward").replace("back.", "backward."): name
        for name in (network.state_dict())
    }
    weights = {
        own: torch.from_numpy(model.tensors[name.removeprefix("head.")])
        for name, own in names.items()
    }
    network.load_state_dict(weights)
    with torch.no_grad():
        batch = ElmoExamples(whole, y).batch(np.arange(20), torch.device("cpu"))
        expected = network.eval()(*batch).numpy()
    assert np.abs(model.decision(documents).values - expected).max() < 1e-5


def test_the_language_model_runs_once_over_each_text(
    make: Make, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_read = []
    states = ContextualWords.states

    def counted(self: ContextualWords, vectors: Any, piece: Piece) -> Any:
        n_read.append(piece.n)
        return states(self, vectors, piece)

    monkeypatch.setattr(ContextualWords, "states", counted)
    documents, y = make(40)
    settings = {"encoder": str(encoder_folder), "epochs": 4, "patience": 0}
    assert ElmoLstm(ElmoLstmParams(encoder=str(encoder_folder))).unread(documents) > 0
    first = fitted(documents, y, **settings)
    assert sum(n_read) == len(set(documents.texts.to_pylist())), "once for four epochs"
    assert first.unread(documents) == 0
    first.release()
    second = fitted(documents, y, **settings)
    assert sum(n_read) == len(set(documents.texts.to_pylist())), "not for another fit"
    assert np.array_equal(first.tensors["output.weight"], second.tensors["output.weight"])
    more, _ = make(10, seed=8)
    second.read(more, Silent())
    assert second.unread(more) == 0


@pytest.mark.parametrize("settings", [{"remember": False}, {"pretrained": False}, {"encoder": ""}])
def test_states_that_nobody_will_ask_for_again_are_forgotten(
    settings: dict[str, Any], make: Make, encoder_folder: Path, pretraining: ElmoParams
) -> None:
    given = {"encoder": str(encoder_folder), "pretraining": pretraining, **settings}
    documents, y = make(30)
    model = fitted(documents, y, **given)
    entry = model.reader.kept.folder
    assert entry.is_dir()
    model.release()
    assert not entry.exists()
    assert model.unread(documents) == 0
    assert np.isfinite(model.decision(documents).values).all()


def test_without_a_folder_a_language_model_of_the_train_rows_comes_first(
    make: Make, pretraining: ElmoParams, tmp_path: Path
) -> None:
    documents, y = make(40)
    model = ElmoLstm(ElmoLstmParams(pretraining=pretraining, units=5, epochs=2, min_updates=0))
    model.checkpoints = tmp_path / "states"
    rng = np.random.default_rng(0)
    model.fit(documents, y, n_classes=3, valid=make(9, seed=3), rng=rng, progress=Silent())
    assert model.reader.encoder.origin.n_texts == 39
    titles = [stage.title for stage in model.history.stages]
    assert titles == ["Language model, from first values", "Mix of layers"]
    shares = [row[1] for row in model.history.stages[1].rows]
    assert len(shares) == 3
    assert sum(shares) == pytest.approx(1)
    assert sorted(path.name for path in model.checkpoints.iterdir()) == [
        "fit.safetensors",
        "pretrain.safetensors",
    ]
    before = model.reader.encoder.tensors
    model.refit(*make(9, seed=3), rng=rng, progress=Silent())
    assert model.reader.encoder.tensors is before, "the language model stays that of the fit"


def test_an_untrained_language_model_has_the_sizes_asked_for(
    make: Make, encoder_folder: Path, encoder: Encoder[Any], pretraining: ElmoParams
) -> None:
    documents, y = make(20)
    given = fitted(documents, y, encoder=str(encoder_folder), pretrained=False)
    assert given.reader.encoder.architecture == encoder.architecture
    name = "lstm.0.forward.input"
    assert not np.array_equal(given.reader.encoder.tensors[name], encoder.tensors[name])
    assert given.notes[0] == "The language model has its first values: it was not trained."
    other = fitted(documents, y, pretraining=replace(pretraining, units=7), pretrained=False)
    assert other.reader.encoder.architecture.units == 7
    assert [stage.title for stage in other.history.stages] == ["Mix of layers"]


def test_a_bundle_names_no_folder_and_loads_without_it(
    make: Make, encoder_folder: Path, tmp_path: Path
) -> None:
    model = fitted(*make(30), encoder=str(encoder_folder))
    documents, _ = make(9, seed=4)
    place = tmp_path / "saved"
    place.mkdir()
    model.save(place)
    for path in encoder_folder.iterdir():
        path.unlink()
    assert str(tmp_path) not in (place / "network.json").read_text(encoding="utf-8")
    loaded = ElmoLstm.load(place)
    assert loaded.params.encoder == "encoder"
    assert np.array_equal(loaded.decision(documents).values, model.decision(documents).values)


def test_a_language_model_of_another_kind_is_refused(
    make: Make, encoder: Encoder[Any], tmp_path: Path
) -> None:
    place = tmp_path / "other"
    place.mkdir()
    folder.write(replace(encoder, kind="nnlm"), place)
    with pytest.raises(BundleFormatError, match="kind nnlm, needed is elmo"):
        fitted(*make(20), encoder=str(place))


@pytest.mark.parametrize("name", ["encoder", "weights"])
def test_tensors_of_another_size_are_refused(
    name: str, make: Make, encoder_folder: Path, tmp_path: Path
) -> None:
    model = fitted(*make(20), encoder=str(encoder_folder))
    model.save(tmp_path)
    tensors = dict(model.tensors if name == "weights" else model.reader.encoder.tensors)
    first = sorted(tensors)[0]
    tensors[first] = tensors[first][:-1]
    files.write_tensors(tmp_path / f"{name}.safetensors", tensors)
    with pytest.raises(BundleFormatError, match=first):
        ElmoLstm.load(tmp_path)


def test_predicting_imports_no_torch(make: Make, encoder_folder: Path, tmp_path: Path) -> None:
    fitted(*make(20), encoder=str(encoder_folder)).save(tmp_path)
    code = (
        "import sys; from pathlib import Path\n"
        "from newsdesk.models import registry\n"
        "from newsdesk.types import Documents\n"
        f"model = registry.find('elmo-lstm').load().load(Path({str(tmp_path)!r}))\n"
        "model.warm_up(); model.predict_proba(Documents.from_texts(['goal', '']))\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_more_text_and_larger_networks_are_planned_with_more_memory(make: Make) -> None:
    documents, _ = make(50)
    more, _ = make(5000)
    plan = ElmoLstm().plan(documents, 3)
    assert ElmoLstm().plan(more, 3) > plan
    large = ElmoLstmParams(pretraining=ElmoParams(**ElmoParams.PRESETS["base"]))
    assert ElmoLstm(large).plan(documents, 3) > plan
