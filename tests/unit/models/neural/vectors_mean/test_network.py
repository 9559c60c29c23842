from __future__ import annotations

from typing import Any

import numpy as np
import torch

from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.vectors_mean import VectorsMeanParams
from newsdesk.models.neural.vectors_mean.network import MeanNetwork

IDS = torch.tensor([[4, 2, 4, 3], [5, 6, 0, 0], [9, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])
WEIGHT = np.array([0, 1, 0.5, 2, 3, 1, 0.25, 1, 1, 4], dtype=np.float32)


def network(**settings: Any) -> MeanNetwork:
    generator = torch.Generator().manual_seed(1)
    params = VectorsMeanParams(**{"embedding_dim": 4, "dropout": 0.0, **settings})
    embedding = RowEmbedding(10, 4, generator)
    return MeanNetwork(params, embedding, WEIGHT, 3, generator)


def test_a_document_is_the_weighted_mean_of_its_words() -> None:
    own = network().eval()
    with torch.no_grad():
        vectors, weights = own.embedding(IDS[0]), torch.from_numpy(WEIGHT)[IDS[0]]
        mean = (weights[:, None] * vectors).sum(dim=0) / weights.sum()
        assert torch.allclose(own(IDS, LENGTHS)[0], own.head(mean[None])[0], atol=1e-6)


def test_what_fills_a_row_up_is_not_read() -> None:
    own = network(hidden=(5,)).eval()
    with torch.no_grad():
        together = own(IDS, LENGTHS)
        for row, n in enumerate(LENGTHS.tolist()):
            alone = own(IDS[row : row + 1, :n], LENGTHS[row : row + 1])
            assert torch.allclose(alone[0], together[row], atol=1e-6)
        other = IDS.clone()
        other[1, 2:] = 8
        assert torch.allclose(own(other, LENGTHS), together, atol=1e-6)


def test_the_weights_of_the_words_are_kept_and_not_trained() -> None:
    own = network()
    assert "weight" in own.state_dict()
    assert {name for name, _ in own.named_parameters()} == {
        "head.output.weight",
        "head.output.bias",
    }


def test_dropout_works_in_training_alone() -> None:
    own = network(dropout=0.5)
    answers = {tuple(own.train()(IDS, LENGTHS).flatten().tolist()) for _ in range(8)}
    assert len(answers) > 1
    assert torch.equal(own.eval()(IDS, LENGTHS), network().eval()(IDS, LENGTHS))
