from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from newsdesk.types import Documents, numbered, string_array

Make = Callable[..., Any]
Train = Callable[..., Any]

FAMILIES = ["tfidf-logreg", "tfidf-svm", "tfidf-nb", "tfidf-mlp"]
ASKED = [
    "Bank lifts rates again, rates rise rise",
    "the STRIKERS' keeper saved penalties (goal)",
    "chips phones updates — “browser” tablets",
    "zzz nothing known",
    "",
    "goal goal goal goal",
]


def explained(model: Any, documents: Documents) -> tuple[np.ndarray, np.ndarray]:
    """The scores that `attribute` divides and their biases, each of shape ``(n, n_classes)``."""
    rows, tensors = model._rows(documents), model._tensors
    name = model.params.family
    if name == "tfidf-svm":
        shape = rows.n, model.params.cv, model.n_classes
        margins = rows.times(tensors["weights"]).reshape(shape)
        return (margins + tensors["bias"]).mean(axis=1), tensors["bias"].mean(axis=0)[None]
    scores = model.decision(documents).values
    if name != "tfidf-mlp":
        return scores, tensors["bias"][None]
    # The bias of the linear region around a document: what is left where its input is shut off.
    layers = model._forward(tensors, rows)
    value = np.broadcast_to(tensors["bias_1"], layers[0].shape) * (layers[0] > 0)
    value = (value @ tensors["weights_2"] + tensors["bias_2"]) * (layers[1] > 0)
    return scores, value @ tensors["weights"] + tensors["bias"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("tokens", ["lemmas", "words"])
@pytest.mark.parametrize("n_fields", [1, 2])
def test_contributions_and_bias_add_up_to_the_score(
    make: Make, train: Train, family: str, n_classes: int, tokens: str, n_fields: int
) -> None:
    documents, y = make(120, n_classes, n_fields=n_fields)
    model = train(family, documents, y, n_classes, tokens=tokens, ngram_range=(1, 3), min_df=1)
    asked = Documents(
        numbered(len(ASKED)),
        {
            "headline": string_array(ASKED),
            **({"description": string_array(ASKED[::-1])} if n_fields == 2 else {}),
        },
    )
    scores, bias = explained(model, asked)
    for c in range(n_classes):
        spans = model.attribute(asked, np.full(len(asked), c))
        sums = np.array([sum(span.weight for span in own) for own in spans])
        assert sums + np.broadcast_to(bias, scores.shape)[:, c] == pytest.approx(
            scores[:, c], abs=2e-4
        )


def test_words_are_named_as_they_stand_in_the_text(make: Make, train: Train) -> None:
    documents, y = make(120)
    model = train("tfidf-logreg", documents, y, 3)
    text = "The keepers, coach & “strikers” saved penalties"
    (spans,) = model.attribute(Documents.from_texts([text]), np.array([1]))
    found = [text[span.start : span.end] for span in spans]
    assert found == ["keepers", "coach", "strikers", "saved", "penalties"]
    assert spans == sorted(spans, key=lambda span: span.start)
    assert all(span.weight > 0 for span in spans)


def test_the_share_of_an_n_gram_is_divided_among_its_words_and_occurrences(
    make: Make, train: Train
) -> None:
    documents, y = make(120)
    model = train("tfidf-logreg", documents, y, 3, ngram_range=(2, 2), min_df=1)
    pair = next(name for name in model._vocabulary.names if len(set(name.split())) == 2)
    text = f"{pair} zzz {pair}"
    (spans,) = model.attribute(Documents.from_texts([text]), np.array([0]))
    assert len(spans) == 4
    assert len({span.weight for span in spans}) == 1
