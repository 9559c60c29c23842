from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer

from newsdesk.models.neural.vectors_mean import VectorsMean
from newsdesk.models.neural.vectors_mean.family import _idf
from newsdesk.types import Documents


def test_words_weigh_as_in_scikit_learn(make: Any, train: Any) -> None:
    documents, y = make(50)
    model = train("vectors-mean", documents, y).model
    sequences = model.reader.vocab.encode(documents)
    n_words = len(model.reader.vocab.words)
    counts = np.zeros((50, n_words))
    np.add.at(counts, (np.arange(50).repeat(sequences.lengths), sequences.ids), 1)
    expected = TfidfTransformer().fit(counts).idf_
    expected[0] = 0.0
    assert np.allclose(model.tensors["weight"], expected, atol=1e-6)
    assert np.array_equal(_idf(sequences, n_words), model.tensors["weight"])


def contributions(model: Any, text: str, index: int) -> list[Any]:
    return model.attribute(Documents.from_texts([text]), np.array([index]))[0]


@pytest.mark.parametrize("truncate", ["pre", "post"])
@pytest.mark.parametrize(
    "text",
    ["Bank rates rise", "goal GOAL Goal!", "zzz bank unknown", "one two three bank goal chip " * 9],
)
def test_contributions_add_up_to_the_logit_without_its_bias(
    text: str, truncate: str, make: Any, train: Any
) -> None:
    model = train("vectors-mean", *make(60), max_tokens=20, truncate=truncate).model
    logits = model.decision(Documents.from_texts([text])).values[0]
    for index in range(3):
        spans = contributions(model, text, index)
        total = sum(span.weight for span in spans)
        assert total == pytest.approx(logits[index] - model.tensors["output.bias"][index], abs=1e-5)


def test_words_are_found_where_they_stand_in_the_raw_text(make: Any, train: Any) -> None:
    model = train("vectors-mean", *make(60), stop_words="en").model
    text = "  The İSTANBUL–goal, café & 大阪; STRASSE"
    spans = contributions(model, text, 1)
    words = [text[span.start : span.end] for span in spans]
    assert words == ["İSTANBUL", "goal", "café", "大", "阪", "STRASSE"]
    assert {span.field for span in spans} == {"text"}


@pytest.mark.parametrize(
    ("truncate", "kept"), [("post", ["bank", "goal"]), ("pre", ["chip", "cup"])]
)
def test_words_that_were_cut_off_have_no_contribution(
    truncate: str, kept: list[str], make: Any, train: Any
) -> None:
    model = train("vectors-mean", *make(60), max_tokens=2, truncate=truncate).model
    text = "bank goal chip cup"
    assert [text[span.start : span.end] for span in contributions(model, text, 0)] == kept
    assert [text[span.start : span.end] for span in contributions(model, "bank", 0)] == ["bank"]


def test_a_document_without_words_has_no_contributions(make: Any, train: Any) -> None:
    model = train("vectors-mean", *make(60), stop_words="en").model
    assert contributions(model, "", 0) == contributions(model, "the and of", 0) == []


def test_with_hidden_layers_contributions_are_the_gradient(make: Any, train: Any) -> None:
    model = train("vectors-mean", *make(60), hidden=(8,)).model
    asked = Documents.from_texts(["bank goal chip"])
    sequences = model.reader.read(asked).sequences
    step = 1e-2
    for id_, span in zip(
        sequences.ids.tolist(), model.attribute(asked, np.array([0]))[0], strict=True
    ):
        moved = {name: tensor.copy() for name, tensor in model.tensors.items()}
        moved["embedding"][id_] *= 1 - step
        lost = model.decision(asked).values - model._predictor(moved).logits(sequences)
        assert lost[0, 0] / step == pytest.approx(span.weight, abs=1e-3)


def test_documents_of_several_fields_are_explained_field_by_field(make: Any, train: Any) -> None:
    documents, y = make(60, n_fields=2)
    model = train("vectors-mean", documents, y).model
    spans = model.attribute(documents.slice(0, 1), y[:1])[0]
    assert {span.field for span in spans} == {"headline", "description"}
    for span in spans:
        text = documents.fields[span.field][0].as_py()
        assert 0 <= span.start < span.end <= len(text)


@pytest.mark.parametrize("fine_tune", [True, False])
def test_vectors_of_a_file_stay_or_move_as_asked(
    fine_tune: bool, make: Any, train: Any, write_vectors: Any, tmp_path: Path
) -> None:
    path = tmp_path / "glove.txt"
    vectors = write_vectors(path)
    trained = train("vectors-mean", *make(60), vectors=str(path), fine_tune=fine_tune)
    model = trained.model
    assert "the file of vectors has" in model.notes[-1]
    place = model.reader.vocab.words.index("bank")
    moved = not np.array_equal(model.tensors["embedding"][place], vectors["bank"])
    assert moved == fine_tune
    documents = make(20, seed=2)[0]
    expected = trained.by_torch(documents)
    assert np.allclose(model.decision(documents).values, expected, atol=1e-5)
    model.save(tmp_path)
    path.unlink()
    loaded = VectorsMean.load(tmp_path)
    assert loaded.params.vectors == "glove.txt"
    assert np.array_equal(loaded.decision(documents).values, model.decision(documents).values)
