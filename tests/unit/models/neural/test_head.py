from __future__ import annotations

import torch

from newsdesk.models.neural.head import Head


def head(*hidden: int, dropout: float = 0.0) -> Head:
    return Head(4, hidden, 3, dropout, torch.Generator().manual_seed(0))


def test_without_hidden_layers_it_is_one_affine_map() -> None:
    network, x = head(), torch.arange(8.0).view(2, 4)
    expected = x @ network.output.weight.T + network.output.bias
    torch.testing.assert_close(network(x), expected)
    assert sum(weight.numel() for weight in network.parameters()) == 4 * 3 + 3


def test_hidden_layers_are_rectified_and_the_output_is_not() -> None:
    network, x = head(5, 2), torch.randn(64, 4, generator=torch.Generator().manual_seed(1))
    shapes = [tuple(layer.weight.shape) for layer in (*network.hidden, network.output)]
    assert shapes == [(5, 4), (2, 5), (3, 2)]
    state = x
    for layer in network.hidden:
        state = (state @ layer.weight.T + layer.bias).clamp(min=0)
    expected = state @ network.output.weight.T + network.output.bias
    torch.testing.assert_close(network(x), expected)
    assert network(x).min() < 0


def test_dropout_acts_on_every_layer_and_while_training_alone() -> None:
    x = torch.ones(1, 4)
    for network in (head(dropout=0.5), head(50, dropout=0.5)):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            answers = torch.cat([network(x) for _ in range(20)])
        assert answers.std(dim=0).min() > 0
        network.eval()
        assert torch.equal(network(x), network(x))
