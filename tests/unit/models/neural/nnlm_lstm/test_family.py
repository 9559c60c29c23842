from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.nnlm_lstm import NnlmLstm


def test_without_the_language_model_the_same_network_begins_at_random(
    make: Any, train: Any
) -> None:
    settings = {"epochs": 1, "learning_rate": 1e-7}
    pretrained, drawn = (
        train("nnlm-lstm", *make(60), pretrained=asked, **settings).model.tensors
        for asked in (True, False)
    )
    assert {name: array.shape for name, array in pretrained.items() if name != "embedding"} == {
        name: array.shape for name, array in drawn.items() if name != "embedding"
    }
    assert drawn["embedding"].shape[1] == pretrained["embedding"].shape[1] == 6
    assert np.abs(drawn["embedding"]).max() < 0.051  # as they were drawn


def test_vectors_of_a_language_model_begin_at_a_size_that_training_does_not_drown(
    make: Any, train: Any, write_language_model: Any, tmp_path: Path
) -> None:
    matrix = write_language_model(tmp_path / "lm").matrix
    settings = {"encoder": str(tmp_path / "lm"), "fine_tune": False}
    found = train("nnlm-lstm", *make(30), **settings).model.tensors["embedding"]
    centred = matrix - matrix.mean(axis=0)
    assert found == pytest.approx(0.3 * centred / np.sqrt((centred**2).mean()), rel=1e-4, abs=1e-6)


def test_the_search_space_names_what_it_draws() -> None:
    asked = []
    NnlmLstm.space(lambda name, choices: asked.append(name) or choices[0])
    assert {"units", "pooling", "learning_rate"} <= set(asked)
