from __future__ import annotations

import math

import torch

from newsdesk.models.neural.elmo_lstm.network import ElmoLstmNetwork, ScalarMix
from newsdesk.models.neural.recurrent.params import RecurrentParams


def test_layers_are_mixed_by_equation_1() -> None:
    mix = ScalarMix(3, norm=False)
    h = torch.randn(2, 5, 3, 4)
    assert torch.allclose(mix(h), h.mean(dim=2), atol=1e-6), "at first all layers weigh alike"
    with torch.no_grad():
        mix.weights.copy_(torch.tensor([math.log(2), 0.0, math.log(5)]))
        mix.gamma.fill_(3.0)
    expected = 3 * (2 * h[:, :, 0] + h[:, :, 1] + 5 * h[:, :, 2]) / 8
    assert torch.allclose(mix(h), expected, atol=1e-5)


def test_layers_are_normalised_word_by_word_where_asked() -> None:
    h = torch.tensor([[[[1.0, 2.0, 3.0, 4.0], [50.0, 50.0, 70.0, 70.0]]]])
    expected = (torch.tensor([-1.5, -0.5, 0.5, 1.5]) / math.sqrt(1.25)) / 2
    expected = expected + torch.tensor([-1.0, -1.0, 1.0, 1.0]) / 2
    assert torch.allclose(ScalarMix(2, norm=True)(h)[0, 0], expected, atol=1e-4)


def test_filling_changes_nothing_and_the_mix_is_learnt() -> None:
    params = RecurrentParams(units=3, dropout=0.0, hidden_dropout=0.0)
    network = ElmoLstmNetwork(params, 2, 4, 3, torch.Generator().manual_seed(0), norm=False)
    x, lengths = torch.randn(2, 6, 2, 4), torch.tensor([6, 2])
    found = network(x, lengths)
    alone = network(x[1:, :2], lengths[1:])
    assert torch.allclose(found[1:], alone, atol=1e-6)
    found.sum().backward()
    assert network.mix.weights.grad is not None
    assert network.mix.weights.grad.abs().sum() > 0
