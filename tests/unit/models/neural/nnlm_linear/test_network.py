from __future__ import annotations

from typing import Any

import torch

from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.nnlm_linear import NnlmLinearParams
from newsdesk.models.neural.nnlm_linear.network import LinearNetwork

IDS = torch.tensor([[4, 2, 4, 3], [5, 6, 0, 0], [9, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])


def network(**settings: Any) -> LinearNetwork:
    generator = torch.Generator().manual_seed(1)
    params = NnlmLinearParams(**settings)
    return LinearNetwork(params, RowEmbedding(10, 4, generator), 3, generator)


def test_a_document_is_the_sum_of_its_vectors_over_the_root_of_their_number() -> None:
    own = network().eval()
    with torch.no_grad():
        for row, n in enumerate(LENGTHS.tolist()):
            summed = own.embedding.weight[IDS[row, :n]].sum(dim=0) / n**0.5
            expected = own.head(summed[None])[0]
            assert torch.allclose(own(IDS, LENGTHS)[row], expected, atol=1e-6)


def test_what_fills_a_row_up_is_not_read() -> None:
    own = network().eval()
    other = IDS.clone()
    other[1, 2:] = 8
    with torch.no_grad():
        assert torch.equal(own(other, LENGTHS), own(IDS, LENGTHS))


def test_dropout_works_in_training_alone() -> None:
    for settings in ({"dropout": 0.5}, {"hidden_dropout": 0.5}):
        own = network(**settings)
        assert len({tuple(own.train()(IDS, LENGTHS).flatten().tolist()) for _ in range(8)}) > 1
        assert torch.equal(own.eval()(IDS, LENGTHS), network().eval()(IDS, LENGTHS))
