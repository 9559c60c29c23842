from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from newsdesk.models.neural.layers import RowEmbedding
from newsdesk.models.neural.lstm import LstmParams
from newsdesk.models.neural.recurrent.network import RecurrentNetwork

POOLINGS = ["last", "max", "mean", "attention"]
IDS = torch.tensor([[4, 2, 7, 3], [5, 6, 0, 0], [9, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])


def network(**settings: Any) -> RecurrentNetwork:
    generator = torch.Generator().manual_seed(1)
    params = LstmParams(**{"embedding_dim": 4, "units": 3, **settings})
    embedding = RowEmbedding(10, 4, generator)
    embedding.weight.mul_(30)
    return RecurrentNetwork(params, embedding, 3, generator)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
def test_what_fills_a_row_up_is_not_read(pooling: str, bidirectional: bool, layers: int) -> None:
    own = network(pooling=pooling, bidirectional=bidirectional, layers=layers).eval()
    with torch.no_grad():
        together = own(IDS, LENGTHS)
        for row, n in enumerate(LENGTHS.tolist()):
            alone = own(IDS[row : row + 1, :n], LENGTHS[row : row + 1])
            assert torch.allclose(alone[0], together[row], atol=1e-6)
        other = IDS.clone()
        other[1, 2:] = 8
        assert torch.allclose(own(other, LENGTHS), together, atol=1e-6)


@pytest.mark.parametrize("pooling", ["last", "max", "mean"])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_states_are_those_of_torch_s_own_lstm(pooling: str, layers: int) -> None:
    own = network(pooling=pooling, layers=layers).eval()
    theirs = nn.LSTM(4, 3, num_layers=layers, bidirectional=True, batch_first=True)
    with torch.no_grad():
        for number, layer in enumerate(own.lstm):
            for suffix, direction in (("", layer.ahead), ("_reverse", layer.back)):
                names = {"weight_ih": "input", "weight_hh": "recurrent", "bias_ih": "bias"}
                for name, mine in names.items():
                    getattr(theirs, f"{name}_l{number}{suffix}").copy_(getattr(direction, mine))
                getattr(theirs, f"bias_hh_l{number}{suffix}").zero_()
        for row, n in enumerate(LENGTHS.tolist()):
            ids = IDS[row : row + 1, :n]
            states, (last, _) = theirs(own.embedding(ids))
            pooled: Tensor = {
                "last": torch.cat([last[-2], last[-1]], dim=1),
                "max": states.amax(dim=1),
                "mean": states.mean(dim=1),
            }[pooling]
            expected = own.head(pooled)
            assert torch.allclose(own(ids, LENGTHS[row : row + 1]), expected, atol=1e-6)


@pytest.mark.parametrize("name", ["dropout", "recurrent_dropout", "hidden_dropout"])
def test_dropout_works_in_training_alone(name: str) -> None:
    nothing = {"dropout": 0.0, "recurrent_dropout": 0.0, "hidden_dropout": 0.0}
    own = network(**{**nothing, name: 0.5})
    answers = {tuple(own.train()(IDS, LENGTHS).flatten().tolist()) for _ in range(8)}
    assert len(answers) > 1
    plain = network(**nothing).eval()
    assert torch.equal(own.eval()(IDS, LENGTHS), plain(IDS, LENGTHS))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_weight_has_a_part_in_the_answer(pooling: str) -> None:
    own = network(pooling=pooling, layers=2, hidden=(5,)).train()
    own(IDS, LENGTHS).logsumexp(dim=1).sum().backward()
    for name, weight in own.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name
