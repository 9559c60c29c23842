from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.kinds import DebertaV2, MPNet
from newsdesk.models.neural.encoders.network import EncoderNetwork
from newsdesk.models.neural.encoders.tuning import tuning_wishes

TINY = Architecture(2, 2, 8, 12, 30, 16)


class Alone(nn.Module):
    def __init__(self, architecture: Architecture = TINY) -> None:
        super().__init__()
        self.encoder = EncoderNetwork(architecture, None, 0.0, torch.Generator().manual_seed(0))
        self.output = nn.Linear(8, 3)


def test_each_layer_is_slower_than_the_one_above_it() -> None:
    network = Alone()
    factors = tuning_wishes(network, network.encoder, 0.5, top=2).rate_factors
    expected = {"pieces": 0.25, "layer.0.qkv.bias": 0.5, "layer.1.outer.weight": 1.0}
    assert {name: factors[f"encoder.{name}"] for name in expected} == expected
    assert not any(name.startswith("output") for name in factors)


def test_norms_biases_and_embeddings_are_spared_the_decay() -> None:
    network = Alone()
    exempt = tuning_wishes(network, network.encoder, 0.5, top=2).exempt
    decayed = {name for name, _ in network.named_parameters()} - exempt
    assert all(name.endswith(".weight") and "norm" not in name for name in decayed)
    assert {"output.weight", "encoder.layer.1.inner.weight"} < decayed


def test_tables_of_distances_are_embeddings() -> None:
    for kind in (MPNet(), DebertaV2(4, 16)):
        network = Alone(replace(TINY, kind=kind, piece_width=4))
        wishes = tuning_wishes(network, network.encoder, 0.5, top=2)
        assert "encoder.places.distances" in wishes.exempt
        assert wishes.rate_factors["encoder.places.distances"] == 0.25
        assert "encoder.projection.weight" not in wishes.exempt
