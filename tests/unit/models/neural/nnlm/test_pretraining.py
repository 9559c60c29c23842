from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import newsdesk
from newsdesk.features.sequences import OOV, PAD
from newsdesk.models.neural.language import pretraining as language
from newsdesk.models.neural.language.kinds import Pretrained
from newsdesk.models.neural.nnlm.params import NnlmParams
from newsdesk.models.neural.nnlm.pretraining import from_texts, words_of
from newsdesk.types import Documents, Silent

TINY: dict[str, Any] = {
    "embedding_dim": 4,
    "units": 4,
    "n_buckets": 5,
    "epochs": 2,
    "n_samples": 8,
    "batch_size": 4,
}


def trained(documents: Documents, *, seed: int = 0, **settings: Any) -> Pretrained:
    params = NnlmParams(**{**TINY, **settings})
    return from_texts(documents, params, seed=seed, progress=Silent())


def test_it_predicts_held_out_text_better_than_the_frequencies_of_words() -> None:
    documents = newsdesk.read_corpus("sample").documents
    settings = {"embedding_dim": 24, "units": 24, "n_samples": 64, "epochs": 3, "batch_size": 32}
    found = trained(documents, held_out=0.1, min_count=3, learning_rate=0.01, **settings)
    perplexities = found.encoder.origin.perplexities
    assert f"Epoch {np.argmin(perplexities) + 1} was kept." in found.stage.notes
    assert [row[1] for row in found.stage.rows] == list(perplexities)
    unigram = float(found.stage.notes[-1].rstrip(".").rpartition(" ")[2].replace(",", ""))
    assert min(perplexities) < 0.95 * unigram


def test_the_encoder_holds_the_words_the_vectors_and_where_they_come_from(make: Any) -> None:
    documents = make(60)[0]
    found = trained(documents)
    encoder, vocab = found.encoder, found.encoder.vocab
    assert vocab is not None
    assert (encoder.kind, encoder.architecture.n_buckets) == ("nnlm", vocab.n_buckets)
    assert encoder.tensors["embedding"].shape == (vocab.n_ids, 4)
    assert encoder.tensors["embedding"].dtype == np.float32
    assert (encoder.origin.how, encoder.origin.n_texts) == ("pretrained", 59)
    assert encoder.origin.settings["embedding_dim"] == 4
    assert len(encoder.origin.perplexities) == len(found.stage.rows) == 2


def test_the_same_seed_gives_the_same_bits(make: Any) -> None:
    documents = make(40)[0]
    one, other, third = (trained(documents, seed=seed).encoder for seed in (0, 0, 1))
    assert np.array_equal(one.tensors["embedding"], other.tensors["embedding"])
    assert not np.array_equal(one.tensors["embedding"], third.tensors["embedding"])


def test_rare_words_train_their_buckets_and_the_others_get_their_mean() -> None:
    texts = [f"bank rates rise rare{number}" for number in range(3)] * 3
    documents = Documents.from_texts([*texts[:8], "bank rates rise"])
    params = {"min_count": 5, "n_buckets": 50}
    found = trained(documents, **params).encoder
    matrix, vocab = found.tensors["embedding"], found.vocab
    assert vocab is not None
    assert len(vocab) == 5
    rare = vocab.encode(Documents.from_texts([f"rare{number}" for number in range(3)])).ids
    others = np.setdiff1d(np.arange(len(vocab), vocab.n_ids), rare)
    mean = matrix[np.unique(rare)].mean(axis=0)
    assert matrix[[OOV, *others]] == pytest.approx(np.tile(mean, (len(others) + 1, 1)), abs=1e-6)
    assert len(np.unique(matrix[rare], axis=0)) == len(np.unique(rare)) > 1


def test_words_that_occur_once_train_their_buckets_too() -> None:
    documents = Documents.from_texts([f"bank rates only{number}" for number in range(9)])
    found = trained(documents, min_count=1, n_buckets=40, held_out=0.001).encoder
    matrix, vocab = found.tensors["embedding"], found.vocab
    assert vocab is not None
    once = vocab.encode(documents).ids
    buckets = np.unique(vocab.buckets()[np.setdiff1d(once, [2, 3])])
    assert len(np.unique(matrix[buckets], axis=0)) > 1
    others = np.setdiff1d(np.arange(len(vocab), vocab.n_ids), buckets)
    assert np.ptp(matrix[others], axis=0).max() == 0


def test_an_unknown_word_gets_the_mean_of_the_words_where_none_was_met() -> None:
    documents = Documents.from_texts(["bank rates rise"] * 8)
    matrix = trained(documents, min_count=1, n_buckets=0).encoder.tensors["embedding"]
    known = np.setdiff1d(np.arange(len(matrix)), [OOV])
    assert matrix[OOV] == pytest.approx(matrix[known].mean(axis=0), abs=1e-6)
    assert PAD in known


@pytest.mark.parametrize("texts", [[], ["bank rates"], ["", " ", "..."], ["a bank", ""]])
def test_texts_of_next_to_no_words_have_a_language_model_too(texts: list[str]) -> None:
    found = trained(Documents.from_texts(texts), min_count=1)
    assert np.isfinite(found.encoder.tensors["embedding"]).all()
    assert len(found.stage.rows) == 2


def test_words_are_chosen_by_the_settings(make: Any) -> None:
    documents = make(60)[0]
    vocab, sequences = words_of(documents, NnlmParams(vocab_size=7, n_buckets=3), Silent())
    assert (len(vocab), vocab.n_buckets) == (7, 3)
    assert sequences.n == 60


def test_an_interrupted_training_is_gone_on_with(
    make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, params = make(40)[0], NnlmParams(**TINY)

    def run(seed: int = 0) -> Pretrained:
        return from_texts(documents, params, seed=seed, progress=Silent(), checkpoints=tmp_path)

    first = run()
    keys = []
    original = language.pursue

    def watched(*arguments: Any, **options: Any) -> Any:
        keys.append(options["checkpoint"].read() is not None)
        return original(*arguments, **options)

    monkeypatch.setattr(language, "pursue", watched)
    again, other = run(), run(seed=1)
    assert keys == [True, False]
    vectors = [found.encoder.tensors["embedding"] for found in (first, again, other)]
    assert np.array_equal(vectors[0], vectors[1])
    assert not np.array_equal(vectors[0], vectors[2])
