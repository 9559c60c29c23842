from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

from newsdesk.models.neural.cnn_text import CnnParams
from newsdesk.models.neural.cnn_text.network import ConvolutionalNetwork
from newsdesk.models.neural.layers import RowEmbedding

IDS = torch.tensor([[4, 2, 7, 3, 8, 1], [5, 6, 0, 0, 0, 0], [9, 0, 0, 0, 0, 0]])
LENGTHS = torch.tensor([6, 2, 1])


def network(**settings: Any) -> ConvolutionalNetwork:
    generator = torch.Generator().manual_seed(1)
    params = CnnParams(**{"embedding_dim": 4, "filters": 3, **settings})
    embedding = RowEmbedding(10, 4, generator)
    embedding.weight.mul_(30)
    return ConvolutionalNetwork(params, embedding, 3, generator)


@pytest.mark.parametrize("widths", [(1,), (3, 4, 5), (7, 2)])
def test_what_fills_a_row_up_is_not_read(widths: tuple[int, ...]) -> None:
    own = network(widths=widths).eval()
    with torch.no_grad():
        together = own(IDS, LENGTHS)
        for row, n in enumerate(LENGTHS.tolist()):
            alone = own(IDS[row : row + 1, :n], LENGTHS[row : row + 1])
            assert torch.allclose(alone[0], together[row], atol=1e-6)
        other = IDS.clone()
        other[1, 2:] = 8
        assert torch.allclose(own(other, LENGTHS), together, atol=1e-6)


def test_a_filter_answers_with_its_largest_window() -> None:
    own = network(widths=(2,)).eval()
    with torch.no_grad():
        ids = IDS[:1]
        layer = own.convolution["2"]
        vectors = own.embedding(ids)[0]
        windows = torch.stack([vectors[at : at + 2].T for at in range(5)])
        answers = torch.einsum("wij,fij->wf", windows, layer.weight) + layer.bias
        pooled = answers.relu().amax(dim=0)
        assert torch.allclose(own(ids, LENGTHS[:1])[0], own.head(pooled[None])[0], atol=1e-6)


def test_a_row_shorter_than_the_widest_window_is_read_with_nothing_behind_it() -> None:
    own = network(widths=(5,)).eval()
    with torch.no_grad():
        vectors = F.pad(own.embedding(IDS[2:, :1]), (0, 0, 0, 4))
        pooled = own.convolution["5"](vectors, torch.tensor([5]))
        assert torch.allclose(own(IDS[2:], LENGTHS[2:]), own.head(pooled), atol=1e-6)


@pytest.mark.parametrize("name", ["dropout", "hidden_dropout"])
def test_dropout_works_in_training_alone(name: str) -> None:
    nothing = {"dropout": 0.0, "hidden_dropout": 0.0}
    own = network(**{**nothing, name: 0.5})
    answers = {tuple(own.train()(IDS, LENGTHS).flatten().tolist()) for _ in range(8)}
    assert len(answers) > 1
    assert torch.equal(own.eval()(IDS, LENGTHS), network(**nothing).eval()(IDS, LENGTHS))


def test_the_order_of_the_widths_changes_nothing() -> None:
    first, second = network(widths=(2, 4)).eval(), network(widths=(4, 2)).eval()
    assert torch.equal(first(IDS, LENGTHS), second(IDS, LENGTHS))
