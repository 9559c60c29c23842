from __future__ import annotations

import numpy as np
import torch

from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.elmo_lstm.examples import ElmoExamples
from newsdesk.models.neural.elmo_lstm.reading import Activations


def test_a_batch_holds_the_layers_of_its_rows_filled_up_behind() -> None:
    vectors = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
    sequences = Sequences(np.array([0, 1, 3]), np.array([1, 0, 1], dtype=np.int32))
    states = np.arange(5 * 8, dtype=np.float16).reshape(5, 8)
    start = np.array([4, 1])
    examples = ElmoExamples(Activations(vectors, sequences, start, states), np.array([0, 1]))
    layers, lengths = examples.batch(np.array([1, 0]), torch.device("cpu"))
    assert layers.dtype == torch.float32
    assert lengths.tolist() == [2, 1]
    assert layers.shape == (2, 2, 3, 4)
    assert layers[0, :, 0].tolist() == [[1, 2, 1, 2], [3, 4, 3, 4]]
    assert layers[0, 1, 1:].flatten().tolist() == list(range(16, 24))
    assert layers[1, 0, 1:].flatten().tolist() == list(range(32, 40))
    assert not layers[1, 1].any()
