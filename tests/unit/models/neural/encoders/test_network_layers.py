from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.kinds import DebertaV2, Kind, ModernBert, MPNet
from newsdesk.models.neural.encoders.network_layers import layer_of
from newsdesk.models.neural.encoders.network_places import places_of

TINY = Architecture(3, 2, 8, 12, 30, 16)
KINDS: list[Kind] = [MPNet(), DebertaV2(4, 16), ModernBert(100.0, 10.0, 2, (0,))]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_layer_has_the_tensors_of_the_architecture(kind: Kind, number: int) -> None:
    architecture = replace(TINY, kind=kind)
    made = layer_of(architecture, 0.0, number).state_dict()
    before = f"layer.{number}."
    expected = {
        name.removeprefix(before): shape
        for name, shape in architecture.shapes.items()
        if name.startswith(before)
    }
    assert {name: tuple(tensor.shape) for name, tensor in made.items()} == expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_tokens_matters(kind: Kind) -> None:
    """The states alone do not say where tokens stand: that is the layer's doing."""
    architecture = replace(TINY, kind=kind)
    generator = torch.Generator().manual_seed(0)
    layer, places = layer_of(architecture, 0.0, 1), places_of(architecture)
    x = torch.randn(1, 6, 8, generator=generator)
    with torch.no_grad():
        for weight in (*layer.parameters(), *places.parameters()):
            weight.normal_(generator=generator)
        place = places(6, None)[1]
        forth, back = layer(x, place), layer(x.flip(1), place).flip(1)
    assert (forth - back).abs().max() > 0.01


def test_dropout_leaves_numbers_out_while_training_alone() -> None:
    for kind in KINDS:
        architecture = replace(TINY, kind=kind)
        layer, places = layer_of(architecture, 0.5, 1), places_of(architecture)
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(1, 4, 8, generator=generator)
        with torch.no_grad():
            for weight in (*layer.parameters(), *places.parameters()):
                weight.normal_(generator=generator)
            place = places(4, None)[1]
            torch.manual_seed(0)
            assert not torch.equal(layer(x, place), layer(x, place))
            layer.eval()
            assert torch.equal(layer(x, place), layer(x, place))
