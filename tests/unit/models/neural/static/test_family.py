from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from sklearn.feature_extraction.text import TfidfTransformer

from newsdesk.errors import BundleFormatError, NotFittedError
from newsdesk.models.neural.static import Static, StaticParams
from newsdesk.models.neural.static.distilling import condensed
from newsdesk.models.neural.static.family import _LEAST, _weights
from newsdesk.models.soft_targets import SoftTargets, Teachable, one_hot
from newsdesk.types import Documents, Indices, Silent

WORDS = ["bank rates profit shares", "goal cup final keeper", "chip phone app code"]

Fit = Callable[..., Static]


def documents(n: int, seed: int = 0) -> tuple[Documents, Indices]:
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    return Documents.from_texts([" ".join(rng.choice(WORDS[c].split(), 4)) for c in y]), y


@pytest.fixture
def fitted(make_encoder: Callable[..., Path]) -> Fit:
    def fit(valid: Any = None, **settings: Any) -> Static:
        chosen = {"learning_rate": 0.03, "batch_size": 16, "epochs": 9, **settings}
        model = Static(StaticParams(encoder=str(make_encoder()), **chosen))
        rng = np.random.default_rng(0)
        return model.fit(*documents(120), n_classes=3, valid=valid, rng=rng, progress=Silent())

    return fit


def test_it_learns_what_words_tell(fitted: Fit) -> None:
    texts, y = documents(60, seed=1)
    assert (fitted().predict_proba(texts).argmax(axis=1) == y).mean() > 0.9


def test_few_rows_are_learnt_with_the_default_settings(make_encoder: Callable[..., Path]) -> None:
    model = Static(StaticParams(encoder=str(make_encoder())))
    rng = np.random.default_rng(0)
    model.fit(*documents(60), n_classes=3, valid=None, rng=rng, progress=Silent())
    texts, y = documents(60, seed=1)
    assert (model.predict_proba(texts).argmax(axis=1) == y).mean() > 0.9


def test_words_never_seen_apart_are_told_from_their_order(make_encoder: Any) -> None:
    texts, y = ["dog bites man", "man bites dog"] * 40, np.arange(80) % 2
    for pairs in (0, 100):
        params = StaticParams(
            encoder=str(make_encoder()), pairs=pairs, learning_rate=0.03, batch_size=8, epochs=9
        )
        model = Static(params).fit(
            Documents.from_texts(texts),
            y,
            n_classes=2,
            valid=None,
            rng=np.random.default_rng(0),
            progress=Silent(),
        )
        found = model.predict_proba(Documents.from_texts(texts[:2])).argmax(axis=1)
        assert (found.tolist() == [0, 1]) == (pairs > 0)


def test_what_is_kept_gives_the_logits_that_torch_gives(fitted: Fit) -> None:
    import torch

    from newsdesk.models.neural.words.examples import WordExamples

    built = []
    build = Static._build

    def watched(*arguments: Any) -> Any:
        built.append(build(*arguments))
        return built[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Static, "_build", watched)
        model = fitted()
    texts, y = documents(30, seed=4)
    sequences = model.reader.read(texts).sequences
    batch = WordExamples(sequences, y).batch(np.arange(30), torch.device("cpu"))
    with torch.no_grad():
        expected = built[0].eval()(*batch).numpy()
    assert np.allclose(model.decision(texts).values, expected, atol=1e-5)


def test_vectors_begin_with_those_of_the_encoder_and_pairs_with_the_mean(fitted: Fit) -> None:
    model = fitted(dims=4)
    vectors, _ = model._vectors(model.reader, Silent())
    n_words, pairs = len(model.reader.vocab), model.reader.pairs.words
    assert vectors.shape == (model.reader.n_entries, 4)
    assert not vectors[:2].any()
    encoder, _ = model.params.encoding.open()
    encoded = encoder.encode(model.reader.vocab.words[2:]).vectors
    assert np.allclose(vectors[2:n_words], condensed(encoded, 4), atol=1e-5)
    assert np.allclose(vectors[n_words:], vectors[pairs].mean(axis=1), atol=1e-6)


def test_words_weigh_as_in_scikit_learn() -> None:
    reader_ids = np.array([[2, 3, 2], [3, 4, 1], [3, 3, 3]], dtype=np.int32)
    from newsdesk.features.sequences import Sequences

    counts = np.zeros((3, 5))
    np.add.at(counts, (np.arange(3).repeat(3), reader_ids.ravel()), 1)
    found = _weights(Sequences(np.array([0, 3, 6, 9]), reader_ids.ravel()), 5)
    assert found[2:] == pytest.approx(TfidfTransformer().fit(counts).idf_[2:], abs=1e-6)
    assert found[:2] == pytest.approx([0, _LEAST])


def test_notes_say_what_is_read_and_whose_vectors_words_have(fitted: Fit) -> None:
    train, valid, what = fitted(valid=documents(30, seed=2), pair_min_count=1).notes
    assert train.startswith("Training words: 0.0 % of the words are unknown")
    assert train.endswith("48 pairs of words are read too.")
    assert valid.startswith("Valid words: ")
    assert what.startswith("First vectors of the words: Encoder ")


@pytest.mark.parametrize("truncate", ["pre", "post"])
@pytest.mark.parametrize(
    "text", ["Bank rates profit", "goal GOAL Goal!", "zzz bank", "one two", "goal cup chip " * 9]
)
def test_contributions_add_up_to_the_logit_without_its_bias(
    fitted: Fit, text: str, truncate: str
) -> None:
    model = fitted(max_tokens=6, truncate=truncate)
    asked = Documents.from_texts([text])
    logits = model.decision(asked).values[0]
    for index in range(3):
        spans = model.attribute(asked, np.array([index]))[0]
        total = sum(span.weight for span in spans)
        assert total == pytest.approx(logits[index] - model.tensors["bias"][index], abs=1e-4)


def test_words_are_found_where_they_stand_in_the_raw_text(fitted: Fit) -> None:
    text = "  The GOAL–cup, café"
    spans = fitted().attribute(Documents.from_texts([text, ""]), np.array([1, 1]))
    assert [text[s.start : s.end] for s in spans[0]] == ["The", "GOAL", "cup", "café"]
    assert spans[1] == []


def test_it_is_refitted_on_all_documents(fitted: Fit) -> None:
    model = fitted(valid=documents(30, seed=2))
    before = model.decision(documents(9)[0]).values
    more = Documents.from_texts(["striker coach penalty"] * 30)
    rng = np.random.default_rng(1)
    model.refit(more, np.ones(30, dtype=np.int64), rng=rng, progress=Silent())
    assert "striker" in model.reader.vocab.words
    assert not np.array_equal(model.decision(documents(9)[0]).values, before)


def test_vectors_of_words_are_remembered_unless_that_is_not_wanted(
    fitted: Fit, tmp_path: Path
) -> None:
    fitted(remember=False)
    assert not (tmp_path / "cache").exists()
    fitted()
    (records,) = (tmp_path / "cache" / "encodings").glob("*/records")
    assert records.stat().st_size > 0


def test_a_bundle_says_nothing_of_the_encoder_s_place_and_predicts_without_it(
    fitted: Fit, tmp_path: Path
) -> None:
    model = fitted()
    home = tmp_path / "model"
    home.mkdir()
    model.save(home)
    assert {path.name for path in home.iterdir()} == {
        "network.json",
        "vocab.json",
        "weights.safetensors",
    }
    again = Static.load(home)
    assert again.params.encoder == Path(model.params.encoder).name
    np.save(tmp_path / "expected.npy", model.decision(documents(9)[0]).values)
    code = f"""
import sys
for name in ("torch", "onnx", "onnxruntime", "tokenizers"):
    sys.modules[name] = None
import numpy as np
from pathlib import Path
from newsdesk.models.neural.static import Static
from newsdesk.types import Documents
texts = Documents.from_texts({documents(9)[0].texts.to_pylist()!r})
found = Static.load(Path({str(home)!r})).decision(texts).values
assert np.array_equal(found, np.load({str(tmp_path / "expected.npy")!r}))
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def spoil(name: str, tensors: dict[str, Any]) -> None:
    if name == "pairs":
        tensors["pairs"] = tensors["pairs"][::-1]
    elif name == "weight":
        tensors["weight"] = tensors["weight"][:-1]
    else:
        tensors["pairs"] = tensors["pairs"][:-1]


@pytest.mark.parametrize("name", ["pairs", "weight", "count"])
def test_tensors_that_do_not_fit_are_refused(fitted: Fit, tmp_path: Path, name: str) -> None:
    home = tmp_path / "model"
    home.mkdir()
    fitted().save(home)
    tensors = load_file(home / "weights.safetensors")
    spoil(name, tensors)
    tensors = {key: np.ascontiguousarray(value) for key, value in tensors.items()}
    save_file(tensors, home / "weights.safetensors")
    with pytest.raises(BundleFormatError):
        Static.load(home)


def test_an_unfitted_model_has_no_reader() -> None:
    with pytest.raises(NotFittedError, match="not fitted"):
        _ = Static().reader


def test_more_words_and_documents_take_more_memory() -> None:
    texts, _ = documents(2000)
    plans = [Static().plan(texts.take(np.arange(n)), 34) for n in (10, 2000)]
    assert plans[1] > plans[0] > 400_000_000


def certain(y: Indices) -> SoftTargets:
    return SoftTargets(one_hot(y, 3), np.ones(len(y), dtype=bool))


def test_it_learns_what_a_teacher_says_and_forgets_it_with_the_fit(
    make_encoder: Callable[..., Path],
) -> None:
    params = StaticParams(encoder=str(make_encoder()), learning_rate=0.03, batch_size=16, epochs=9)
    model = Static(params)
    assert isinstance(model, Teachable)
    texts, y = documents(120)
    model.soft_targets = certain((y + 1) % 3)
    rng = np.random.default_rng(0)
    model.fit(texts, y, n_classes=3, valid=None, rng=rng, progress=Silent())
    asked, truth = documents(60, seed=1)
    assert (model.predict_proba(asked).argmax(axis=1) == (truth + 1) % 3).mean() > 0.9
    assert model.soft_targets is None
    more, own = documents(600, seed=2)
    model.soft_targets = certain((own + 2) % 3)
    model.refit(more, own, rng=rng, progress=Silent())
    assert (model.predict_proba(asked).argmax(axis=1) == (truth + 2) % 3).mean() > 0.9
