from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.lstm import LstmParams
from newsdesk.models.neural.recurrent.family import Recurrent

SETTINGS: list[dict[str, Any]] = [
    {},
    {"bidirectional": False},
    {"layers": 3},
    {"pooling": "attention", "hidden": (7,)},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("family", ["lstm", "lstm-vectors"])
def test_the_tensors_have_the_shapes_that_are_checked_when_they_are_loaded(
    family: str, settings: dict[str, Any], make: Any, train: Any
) -> None:
    model = train(family, *make(20), epochs=1, **settings).model
    found = {name: tensor.shape for name, tensor in model.tensors.items()}
    n_words = len(model.reader.vocab.words)
    assert found == Recurrent._network_shapes(model.params, 6, n_words, 3)
    assert all(tensor.dtype == np.float32 for tensor in model.tensors.values())


def test_a_token_takes_more_memory_with_more_states() -> None:
    few = Recurrent._bytes_per_token(LstmParams(units=8, bidirectional=False))
    assert Recurrent._bytes_per_token(LstmParams(units=8)) == 2 * few
    assert Recurrent._bytes_per_token(LstmParams(units=8, layers=3)) == 6 * few


def test_the_pooling_asked_for_is_the_one_that_answers(make: Any, train: Any) -> None:
    answers = []
    for pooling in ("last", "max", "mean"):
        model = train("lstm", *make(30), pooling=pooling, epochs=1, learning_rate=1e-9).model
        answers.append(model.decision(make(10, seed=4)[0]).values)
    # The same first weights, so that nothing but the pooling differs.
    assert not np.allclose(answers[0], answers[1], atol=1e-6)
    assert not np.allclose(answers[1], answers[2], atol=1e-6)
