from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.config import override
from newsdesk.errors import BundleFormatError
from newsdesk.features.vocab import SPECIALS
from newsdesk.models import registry
from newsdesk.models.neural.family import Training
from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.models.neural.nnlm.words import Found, find, planned
from newsdesk.models.neural.nnlm_linear import NnlmLinearParams
from newsdesk.types import Documents, Silent

TINY = NnlmParams(embedding_dim=4, units=3, n_buckets=2, epochs=1, min_count=1)


def found(
    documents: Documents,
    checkpoints: Path | None = None,
    *,
    size: int = 100,
    left_out: tuple[str, ...] = (),
    **settings: Any,
) -> Found:
    params = NnlmLinearParams(**{"pretraining": TINY, **settings})
    training = Training(documents, np.zeros(len(documents), dtype=np.int64), 2, 7)
    return find(
        params,
        training,
        size=size,
        left_out=left_out,
        checkpoints=checkpoints,
        progress=Silent(),
    )


def test_a_folder_gives_words_and_vectors(
    make: Any, write_language_model: Any, tmp_path: Path
) -> None:
    vectors = write_language_model(tmp_path / "lm")
    own = found(make(20)[0], encoder=str(tmp_path / "lm"))
    assert own.matrix is not None
    assert np.array_equal(own.matrix, vectors.matrix)
    assert own.vocab.words == vectors.vocab.words
    assert own.note == "First vectors: 26 words of 5 numbers, pretrained."
    assert not own.stages


def test_without_a_folder_a_language_model_is_trained_on_the_documents(
    make: Any, tmp_path: Path
) -> None:
    own = found(make(60)[0], tmp_path)
    assert own.matrix is not None
    assert own.matrix.shape == (own.vocab.n_ids, 4)
    assert own.note == "First vectors: a language model of 59 training texts."
    assert "held-out perplexity" in own.stages[0].columns
    assert [path.name for path in tmp_path.iterdir()] == ["pretrain.safetensors"]


def test_vectors_can_be_drawn_for_the_same_words(
    make: Any, write_language_model: Any, tmp_path: Path
) -> None:
    vectors = write_language_model(tmp_path / "lm")
    read = found(make(60)[0], pretrained=False, encoder=str(tmp_path / "lm"))
    own = found(make(60)[0], pretrained=False)
    assert read.matrix is own.matrix is None
    assert "drawn" in own.note
    assert read.vocab.words == vectors.vocab.words
    assert own.vocab.n_buckets == 2
    assert "goal" in own.vocab.words


@pytest.mark.parametrize("pretrained", [True, False])
def test_the_commonest_words_are_taken_and_stop_words_noted(
    pretrained: bool, make: Any, write_language_model: Any, tmp_path: Path
) -> None:
    write_language_model(tmp_path / "lm")
    for encoder in (str(tmp_path / "lm"), ""):
        settings = {"encoder": encoder, "pretrained": pretrained}
        own = found(make(60)[0], size=4, left_out=("the",), **settings)
        assert (len(own.vocab), own.vocab.stop_words) == (4, ("the",))
        assert own.vocab.n_buckets > 0
        assert own.matrix is None or len(own.matrix) == own.vocab.n_ids


def test_the_estimate_of_memory_grows_with_what_is_read_or_trained(
    make: Any, write_language_model: Any, tmp_path: Path
) -> None:
    documents = make(60)[0]
    small = planned(NnlmLinearParams(pretraining=TINY), documents)
    large = NnlmLinearParams(pretraining=NnlmParams(embedding_dim=2000))
    assert 0 < small < planned(large, documents)
    write_language_model(tmp_path / "lm", n_buckets=1)
    write_language_model(tmp_path / "more", n_buckets=1000)
    read = [
        planned(NnlmLinearParams(encoder=str(tmp_path / name)), documents)
        for name in ("none", "lm", "more")
    ]
    assert read == sorted(read)
    assert read[0] == 0
    assert read[1] < read[2]


@pytest.mark.parametrize("texts", [[], [""], ["bank"]])
def test_hardly_any_documents_are_no_hindrance(texts: list[str]) -> None:
    own = found(Documents.from_texts(texts))
    assert own.matrix is not None
    assert np.isfinite(own.matrix).all()


@pytest.mark.parametrize("family", ["nnlm-linear", "nnlm-lstm"])
def test_stop_words_are_not_read(
    family: str, make: Any, train: Any, write_language_model: Any, tmp_path: Path
) -> None:
    write_language_model(tmp_path / "lm")
    settings = {"encoder": str(tmp_path / "lm"), "vocab_size": 3, "stop_words": "en"}
    reader = train(family, *make(30), **settings).model.reader
    assert reader.vocab.words == (*SPECIALS, "bank")
    whole = reader.vocab.encode(Documents.from_texts(["the bank", "the cup"]))
    assert whole.lengths.tolist() == [1, 1]
    assert whole.ids[1] > 2  # a bucket


@pytest.mark.parametrize("family", ["nnlm-linear", "nnlm-lstm"])
def test_a_refit_keeps_the_language_model_until_it_is_released(
    family: str, make: Any, train: Any
) -> None:
    first, more = make(60), make(20, seed=5)
    model = train(family, *first, valid=more).model
    assert len(model.history.stages) == 1
    vocab = model.reader.vocab
    model.refit(*more, rng=np.random.default_rng(), progress=Silent())
    assert model.reader.vocab is vocab
    model.fit(*more, n_classes=3, valid=None, rng=np.random.default_rng(1), progress=Silent())
    assert model.reader.vocab is not vocab
    model.release()
    assert model._found is None


@pytest.mark.parametrize("family", ["nnlm-linear", "nnlm-lstm"])
@pytest.mark.parametrize("fine_tune", [True, False])
def test_vectors_stay_or_move_as_asked(
    family: str,
    fine_tune: bool,
    make: Any,
    train: Any,
    write_language_model: Any,
    tmp_path: Path,
) -> None:
    vectors = write_language_model(tmp_path / "lm")
    settings = {"encoder": str(tmp_path / "lm"), "fine_tune": fine_tune}
    trained = train(family, *make(60), **settings)
    found = trained.network.embedding.weight.numpy()
    expected = vectors.matrix
    if family == "nnlm-lstm":
        expected = expected - expected.mean(axis=0)
        expected *= 0.3 / np.sqrt(np.square(expected).mean())
    assert np.allclose(found, expected, atol=1e-6) == (not fine_tune)


@pytest.mark.parametrize("family", ["nnlm-linear", "nnlm-lstm"])
def test_a_wrong_folder_is_refused(family: str, make: Any, train: Any, tmp_path: Path) -> None:
    with pytest.raises(BundleFormatError, match="no encoder folder"):
        train(family, *make(30), encoder=str(tmp_path))


@pytest.mark.parametrize("family", ["nnlm-linear", "nnlm-lstm"])
def test_what_is_saved_names_the_folder_but_not_its_place_and_needs_it_no_more(
    family: str, make: Any, train: Any, write_language_model: Any, tmp_path: Path
) -> None:
    saved = []
    for place in ("here", "far/away"):
        home = tmp_path / place
        (home / "model").mkdir(parents=True)
        write_language_model(home / "lm")
        model = train(family, *make(30), encoder=str(home / "lm")).model
        model.save(home / "model")
        for file in (home / "lm").iterdir():
            file.unlink()
        saved.append({file.name: file.read_bytes() for file in (home / "model").iterdir()})
    assert saved[0] == saved[1]
    loaded = registry.find(family).load().load(tmp_path / "here/model")
    assert loaded.params.encoder == "lm"  # type: ignore[attr-defined]
    documents = Documents.from_texts(["bank rates", "zzz", ""])
    assert np.array_equal(loaded.decision(documents).values, model.decision(documents).values)


@pytest.mark.parametrize("family", ["nnlm-linear", "nnlm-lstm"])
def test_settings_of_the_language_model_are_named_with_a_dot(family: str) -> None:
    params = registry.find(family).load().Params()
    found = override(params, ["pretraining.epochs=3", "epochs=2"], where="here")
    assert (found.pretraining.epochs, found.epochs) == (3, 2)
