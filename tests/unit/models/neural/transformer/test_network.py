from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from newsdesk.models.neural import devices
from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.transformer.network import TransformerNetwork

TINY = Architecture(2, 2, 8, 12, 30, 16)
LENGTHS = torch.tensor([7, 3, 5, 7])
CPU = torch.device("cpu")


def network(pooling: Any = "mean", *, dropout: float = 0.0, decay: float = 0.5) -> Any:
    generator = torch.Generator().manual_seed(0)
    encoder = EncoderNetwork(TINY, None, 0.0, generator)
    return TransformerNetwork(encoder, pooling, 3, dropout, decay, generator)


def some_ids() -> Tensor:
    return torch.randint(0, 30, (4, 7), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_logits_of_a_text_are_the_mean_of_those_of_its_windows(pooling: str) -> None:
    asked, ids = network(pooling), some_ids()
    one_by_one = asked(ids, LENGTHS, torch.ones(4, dtype=torch.long))
    together = asked(ids, LENGTHS, torch.tensor([1, 3]))
    expected = torch.stack([one_by_one[0], one_by_one[1:].mean(dim=0)])
    torch.testing.assert_close(together, expected)
    assert (together[0] - together[1]).abs().max() > 1e-3


def test_the_vector_of_a_window_is_pooled_as_was_asked_for() -> None:
    ids, ones = some_ids(), torch.ones(4, dtype=torch.long)
    for pooling in ("mean", "cls"):
        asked = network(pooling)
        pooled = asked.encoder.pooled(asked.encoder(ids, LENGTHS), LENGTHS, pooling)
        torch.testing.assert_close(asked(ids, LENGTHS, ones), asked.output(pooled))


def test_dropout_stands_before_the_outputs_while_training() -> None:
    ids, ones = some_ids(), torch.ones(4, dtype=torch.long)
    quiet, loud = network(), network(dropout=0.5)
    torch.manual_seed(0)
    assert not torch.equal(loud(ids, LENGTHS, ones), quiet(ids, LENGTHS, ones))
    assert torch.equal(loud.eval()(ids, LENGTHS, ones), quiet.eval()(ids, LENGTHS, ones))


def test_lower_layers_are_slower() -> None:
    asked = network(decay=0.5)
    factors = asked.wishes.rate_factors
    expected = {"pieces": 0.125, "norm.weight": 0.125, "layer.0.qkv.bias": 0.25}
    expected["layer.1.outer.weight"] = 0.5
    assert {name: factors[f"encoder.{name}"] for name in expected} == expected
    named = {name for name, _ in asked.named_parameters()}
    assert named - set(factors) == {"output.weight", "output.bias"}


def test_decay_is_for_maps_alone() -> None:
    asked = network()
    decayed = {name for name, _ in asked.named_parameters()} - asked.wishes.exempt
    maps = {
        f"encoder.layer.{n}.{part}.weight"
        for n in (0, 1)
        for part in ("qkv", "attended", "inner", "outer")
    }
    assert decayed == maps | {"output.weight"}


def test_it_suits_bfloat16_and_is_measured_in_small_batches() -> None:
    wishes = network().wishes
    assert wishes.bfloat16
    assert wishes.tokens_together is not None


@pytest.mark.parametrize("n_windows", [[1, 1, 1, 1], [1, 3]])
def test_logits_are_exact_whatever_the_precision(n_windows: list[int]) -> None:
    arguments = some_ids(), LENGTHS, torch.tensor(n_windows)
    expected = network()(*arguments)
    with devices.precise(CPU, "bfloat16"):
        found = network()(*arguments)
    assert found.dtype == torch.float32
    assert (found - expected).abs().max() < 0.05
