"""What the families of networks on words share, on tiny networks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from newsdesk.errors import BundleFormatError, ConfigError, MissingExtraError, NotFittedError
from newsdesk.models import registry
from newsdesk.models.neural import family as neural_family
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams
from newsdesk.predictions import softmax
from newsdesk.types import Documents, Silent, string_array

OWN_WORDS = ["lstm", "cnn-text", "lstm-vectors", "vectors-mean"]
FAMILIES = [*OWN_WORDS, "nnlm-linear", "nnlm-lstm", "ulmfit"]
ODD = ["", "zzz", "goal", "goal zzz", "bank " * 500, "大阪大阪", "Goal, GOAL! goal?", "the and of"]

SHAPES: list[tuple[str, dict[str, Any]]] = [
    ("lstm", {"pooling": "last"}),
    ("lstm", {"pooling": "max", "bidirectional": False}),
    ("lstm", {"pooling": "mean", "layers": 2}),
    ("lstm", {"pooling": "attention", "hidden": (7, 4)}),
    ("lstm", {"pooling": "last", "masking": False, "padding": "pre", "max_tokens": 12}),
    ("lstm", {"pooling": "last", "masking": False, "padding": "post", "max_tokens": 12}),
    ("lstm", {"max_tokens": 1}),
    ("cnn-text", {}),
    ("cnn-text", {"widths": (1, 7), "hidden": (5,)}),
    ("cnn-text", {"widths": (20,), "max_tokens": 3}),
    ("cnn-text", {"masking": False, "padding": "pre", "max_tokens": 12}),
    ("lstm-vectors", {"pooling": "mean"}),
    ("vectors-mean", {}),
    ("vectors-mean", {"hidden": (5,), "stop_words": "en"}),
    ("ulmfit", {"epochs": 12}),
    ("ulmfit", {"hidden": (), "pretrained": False, "window": 3}),
    ("nnlm-linear", {}),
    ("nnlm-linear", {"stop_words": "en", "vocab_size": 20, "fine_tune": False}),
    ("nnlm-linear", {"pretrained": False, "truncate": "pre", "max_tokens": 4}),
    ("nnlm-lstm", {}),
    ("nnlm-lstm", {"pretrained": False, "pooling": "max", "bidirectional": True}),
]

Make = Callable[..., Any]
Train = Callable[..., Any]


def asked(make: Make) -> Documents:
    return Documents.from_texts([*make(40, seed=1)[0].fields["headline"].to_pylist(), *ODD])


@pytest.mark.parametrize(("family", "settings"), SHAPES, ids=str)
def test_the_answers_are_those_of_torch_on_the_trained_network(
    family: str, settings: dict[str, Any], make: Make, train: Train
) -> None:
    trained = train(family, *make(60), valid=make(20, seed=5), **settings)
    documents = asked(make)
    scores = trained.model.decision(documents)
    expected = softmax(trained.by_torch(documents))
    assert np.abs(softmax(scores.values) - expected).max() < 1e-5
    assert np.abs(softmax(trained.by_torch(documents, alone=True)) - expected).max() < 1e-5
    assert np.ptp(expected, axis=0).min() > 0.01  # no network that says the same of everything


@pytest.mark.parametrize(("family", "settings"), SHAPES, ids=str)
def test_a_loaded_model_gives_the_same_bits_to_a_document_alone_and_in_company(
    family: str, settings: dict[str, Any], make: Make, train: Train, tmp_path: Path
) -> None:
    model = train(family, *make(60), **settings).model
    model.save(tmp_path)
    loaded = registry.find(family).load().load(tmp_path)
    documents = asked(make)
    together, blank = model.decision(documents)
    again = loaded.decision(documents)
    assert np.array_equal(again.values, together)
    assert np.array_equal(again.low_evidence, blank)
    for row in range(len(documents)):
        alone = loaded.decision(documents.slice(row, row + 1)).values
        assert np.array_equal(alone[0], together[row])
    order = np.random.default_rng(3).permutation(len(documents))
    assert np.array_equal(loaded.decision(documents.take(order)).values, together[order])


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_told_of_the_words_is_in_the_notes(family: str, make: Make, train: Train) -> None:
    texts = Documents.from_texts(["bank rates rise", "goal cup", "zzz"])
    model = train(family, *make(60), valid=(texts, np.array([0, 1, 2])), max_tokens=2).model
    assert model.notes[0].startswith("Training words: 0.0 % of the words are unknown")
    assert model.notes[1] == (
        "Valid words: 16.7 % of the words are unknown, 16.7 % are cut off (1 text), "
        "1 text has no known word."
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_it_learns_what_the_words_tell(family: str, make: Make, train: Train) -> None:
    more: dict[str, Any] = {}
    if family == "ulmfit":  # whose language model has to tell the topic of a text by its words
        sizes = {"embedding_dim": 12, "units": 16}
        language = {"epochs": 8, "batch_size": 4, "window": 8, "learning_rate": 0.02}
        more["pretraining"] = AwdLstmParams(**sizes, **language, min_updates=0)
    model = train(family, *make(240), valid=make(60, seed=5), epochs=6, **more).model
    documents, y = make(120, seed=9)
    assert (model.predict_proba(documents).argmax(axis=1) == y).mean() > 0.95
    losses = [epoch.train_loss for epoch in model.history.epochs]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_words_of_all_fields_are_read_one_field_behind_the_other(
    family: str, make: Make, train: Train
) -> None:
    documents, y = make(60, n_fields=2)
    model = train(family, documents, y).model
    joined = [
        f"{first} {second}"
        for first, second in zip(
            *(column.to_pylist() for column in documents.fields.values()), strict=True
        )
    ]
    alone = Documents(documents.ids, {"headline": string_array(joined)})
    assert np.array_equal(model.decision(alone).values, model.decision(documents).values)


@pytest.mark.parametrize("family", FAMILIES)
def test_refitting_trains_on_all_rows_for_the_steps_that_valid_chose(
    family: str, make: Make, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsdesk.models.neural import loop

    taken = []
    original = loop.train

    def watched(network: Any, examples: Any, valid: Any, **options: Any) -> Any:
        history = original(network, examples, valid, **options)
        taken.append((len(examples.y), valid is None, options["n_steps"], history.epochs[-1].step))
        return history

    monkeypatch.setattr(loop, "train", watched)
    first, more = make(60), make(20, seed=5)
    model = train(family, *first, valid=more).model
    history = model.history
    model.refit(*more, rng=np.random.default_rng(), progress=Silent())
    assert taken[0][:3] == (60, False, None)
    assert taken[1] == (80, True, history.n_steps, history.n_steps)
    assert model.history == history
    assert model.notes[-1] == (
        f"The network was trained once more on train and valid, for {history.n_steps} steps."
    )


def test_refitting_keeps_the_number_of_epochs_where_the_last_one_is_kept(
    make: Make, train: Train
) -> None:
    model = train("vectors-mean", *make(60), valid=make(20, seed=5), keep="last", epochs=2).model
    model.refit(*make(20, seed=5), rng=np.random.default_rng(), progress=Silent())
    assert model.notes[-1].endswith("for 10 steps.")  # 80 rows in batches of 16, twice


@pytest.mark.parametrize("family", FAMILIES)
def test_there_is_no_refit_without_a_fit_or_after_the_release(
    family: str, make: Make, train: Train, tmp_path: Path
) -> None:
    model = train(family, *make(30)).model
    model.save(tmp_path)
    model.release()
    for other in (model, registry.find(family).load().load(tmp_path)):
        with pytest.raises(NotFittedError):
            other.refit(*make(10), rng=np.random.default_rng(), progress=Silent())


@pytest.mark.parametrize("family", FAMILIES)
def test_training_without_torch_is_refused_with_the_way_to_get_it(
    family: str, make: Make, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError) as caught:
        train(family, *make(30))
    assert 'pip install "newsdesk[torch]"' in caught.value.remedy


PREDICT = """
import sys
sys.modules["torch"] = None  # every import of it fails
from pathlib import Path
from newsdesk.models import registry
from newsdesk.types import Documents
for family in sys.argv[2:]:
    model = registry.find(family).load().load(Path(sys.argv[1], family))
    model.warm_up()
    proba = model.predict_proba(Documents.from_texts(["bank rates", "goal", ""]))
    print(repr(proba.tolist()))
"""


def test_a_loaded_model_answers_where_there_is_no_torch(
    make: Make, train: Train, tmp_path: Path
) -> None:
    expected = []
    for family in FAMILIES:
        (tmp_path / family).mkdir()
        model = train(family, *make(30)).model
        model.save(tmp_path / family)
        proba = model.predict_proba(Documents.from_texts(["bank rates", "goal", ""]))
        expected.append(proba.tolist())
    command = [sys.executable, "-c", PREDICT, str(tmp_path), *FAMILIES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == expected


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("fault", ["missing", "unknown", "shape", "dtype", "vocabulary"])
def test_tensors_that_do_not_fit_are_refused(
    family: str, fault: str, make: Make, train: Train, tmp_path: Path
) -> None:
    train(family, *make(30)).model.save(tmp_path)
    tensors = load_file(tmp_path / "weights.safetensors")
    bias, weight, words = "output.bias", "output.weight", "embedding"
    if family == "nnlm-linear":
        bias, weight, words = "bias", "scores", "scores"
    if fault == "missing":
        del tensors[bias]
    elif fault == "unknown":
        tensors["more"] = np.zeros(3, dtype=np.float32)
    elif fault == "shape":
        tensors[weight] = np.ascontiguousarray(tensors[weight][:, 1:])
    elif fault == "dtype":
        tensors[bias] = tensors[bias].astype(np.float64)
    else:
        tensors[words] = tensors[words][:-1].copy()
    save_file(tensors, tmp_path / "weights.safetensors")
    with pytest.raises(BundleFormatError):
        registry.find(family).load().load(tmp_path)


@pytest.mark.parametrize("family", [*OWN_WORDS, "ulmfit"])
def test_the_estimate_of_memory_grows_with_the_batch_and_the_words(family: str, make: Make) -> None:
    documents = make(60)[0]
    cls = registry.find(family).load()

    def plan(documents: Documents, **settings: Any) -> int:
        found: int = cls(cls.Params(**settings)).plan(documents, 3)
        return found

    small = plan(documents)
    assert 0 < small < 1e9
    assert plan(documents, batch_size=4096) > small
    assert plan(documents.take(np.arange(6000) % 60)) > small
    wide = {"embedding_dim": 2048}
    if family == "ulmfit":
        wide = {"pretraining": AwdLstmParams(embedding_dim=2048)}
    assert plan(documents, **wide) > small
    assert plan(Documents.from_texts([])) >= 0


def test_a_training_of_other_vectors_is_not_gone_on_with(
    make: Make, train: Train, write_vectors: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []
    original = neural_family.Checkpoint
    monkeypatch.setattr(
        neural_family, "Checkpoint", lambda path, key: keys.append(key) or original(path, key)
    )
    path = tmp_path / "glove.txt"
    cls: Any = registry.find("lstm-vectors").load()
    for seed in (0, 0, 1):
        write_vectors(path, seed=seed)
        model = cls(cls.Params(vectors=str(path), units=3, epochs=1, min_count=1))
        model.checkpoints = tmp_path / "state"
        rng = np.random.default_rng(0)
        model.fit(*make(30), n_classes=3, valid=None, rng=rng, progress=Silent())
    assert keys[0] == keys[1] != keys[2]


def test_the_random_numbers_of_torch_are_left_alone(make: Make, train: Train) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train("lstm", *make(30))
    assert torch.equal(torch.rand(3), expected)


def test_an_unknown_language_of_stop_words_is_named(make: Make, train: Train) -> None:
    with pytest.raises(ConfigError, match="xx"):
        train("lstm", *make(30), stop_words="xx")
