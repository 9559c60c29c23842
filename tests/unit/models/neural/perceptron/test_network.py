from __future__ import annotations

import numpy as np
import torch

from newsdesk.models.neural.embedding.params import EmbeddingParams
from newsdesk.models.neural.perceptron.network import PerceptronNetwork, VectorExamples


def test_dropout_leaves_numbers_of_the_vector_out_while_training() -> None:
    params = EmbeddingParams(hidden=(), dropout=0.5, hidden_dropout=0.0)
    network = PerceptronNetwork(params, 6, 3, torch.Generator().manual_seed(0))
    x = torch.ones(4, 6)
    assert not torch.equal(network(x), network(x))
    assert torch.equal(network.eval()(x), network(x))


def test_a_batch_holds_the_vectors_of_its_rows() -> None:
    vectors = np.arange(12, dtype=np.float32).reshape(4, 3)
    examples = VectorExamples(vectors, np.array([0, 1, 0, 1]))
    (batch,) = examples.batch(np.array([2, 0]), torch.device("cpu"))
    assert np.array_equal(batch.numpy(), vectors[[2, 0]])
    assert examples.lengths.tolist() == [1, 1, 1, 1]
