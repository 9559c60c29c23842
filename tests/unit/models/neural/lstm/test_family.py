from __future__ import annotations

from typing import Any

import numpy as np

from newsdesk.models.neural.lstm import LstmClassifier, LstmParams


def test_vectors_are_drawn_and_learnt(make: Any, train: Any) -> None:
    rng = {"seed": 3}
    trained = train("lstm", *make(60), epochs=1, learning_rate=1e-9, **rng)
    drawn = trained.model.tensors["embedding"]
    assert drawn.shape == (len(trained.model.reader.vocab.words), 6)
    assert 0.04 < np.abs(drawn).max() < 0.05001  # even in ±0.05, as in Keras
    learnt = train("lstm", *make(60), **rng).model.tensors["embedding"]
    assert np.abs(learnt - drawn).max() > 0.01


def test_the_weights_go_by_the_names_that_predicting_knows(make: Any, train: Any) -> None:
    model = train("lstm", *make(30), layers=2, pooling="attention", hidden=(4,)).model
    shapes = {name: tensor.shape for name, tensor in model.tensors.items()}
    n_words = len(model.reader.vocab.words)
    assert shapes == LstmClassifier._shapes(model.params, n_words, 3)


def test_the_published_network_of_bbc_has_its_published_number_of_weights() -> None:
    params = LstmParams(**LstmParams.PRESETS["bbc-bilstm"])
    shapes = LstmClassifier._shapes(params, 5000, 6)
    # Keras' count, which torch's second bias is no part of.
    assert sum(int(np.prod(shape)) for shape in shapes.values()) == 394_694


def test_the_search_space_names_what_it_draws() -> None:
    asked = []
    LstmClassifier.space(lambda name, choices: asked.append(name) or choices[0])
    assert {"units", "pooling", "dropout", "learning_rate"} <= set(asked)
