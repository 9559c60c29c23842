from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from newsdesk.models.neural.cnn_text import CnnParams, CnnText
from newsdesk.types import Documents


def test_the_tensors_have_the_shapes_that_are_checked_when_they_are_loaded(
    make: Any, train: Any
) -> None:
    model = train("cnn-text", *make(20), epochs=1, widths=(4, 2), hidden=(7,)).model
    found = {name: tensor.shape for name, tensor in model.tensors.items()}
    assert found == CnnText._shapes(model.params, len(model.reader.vocab.words), 3)
    assert {name for name in found if name.startswith("convolution")} == {
        f"convolution.{width}.{part}" for width in (2, 4) for part in ("weight", "bias")
    }


def test_widths_of_two_digits_are_told_from_those_of_one(
    make: Any, train: Any, tmp_path: Path
) -> None:
    trained = train("cnn-text", *make(40), widths=(10, 1, 2))
    trained.model.save(tmp_path)
    documents = Documents.from_texts(["bank rates rise", "goal", "chip phone " * 9])
    found = CnnText.load(tmp_path).decision(documents).values
    assert np.allclose(found, trained.by_torch(documents), atol=1e-5)


def test_a_token_takes_more_memory_with_more_filters() -> None:
    few = CnnText._bytes_per_token(CnnParams(filters=10))
    assert CnnText._bytes_per_token(CnnParams(filters=100)) > few
    assert CnnText._bytes_per_token(CnnParams(filters=10, embedding_dim=300)) > few


def test_the_search_space_names_what_it_draws() -> None:
    asked = []
    CnnText.space(lambda name, choices: asked.append(name) or choices[0])
    assert {"filters", "dropout", "learning_rate"} <= set(asked)
