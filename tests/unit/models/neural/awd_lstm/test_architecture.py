from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from newsdesk.models.neural.awd_lstm.architecture import AwdLstmArchitecture
from newsdesk.models.neural.awd_lstm.network import AwdLstm, Dropouts
from newsdesk.models.neural.awd_lstm.params import AwdLstmParams

PUBLISHED = AwdLstmArchitecture(400, 1152, 3)


def count(sizes: AwdLstmArchitecture, n_words: int) -> int:
    return sum(int(np.prod(shape)) for shape in sizes.shapes(n_words).values())  # type: ignore[arg-type]


def stack(*sizes: int) -> list[nn.LSTM]:
    """Layers of torch, which have a size and a meaning but no memory here."""
    with torch.device("meta"):
        return [nn.LSTM(n_in, n_out) for n_in, n_out in pairwise(sizes)]


def test_the_published_sizes_have_the_published_number_of_weights() -> None:
    layers = stack(400, 1152, 1152, 400)
    with torch.device("meta"):
        table = nn.Embedding(1000, 400)
    weights = sum(weight.numel() for layer in layers for weight in layer.parameters())
    second = sum(layer.bias_hh_l0.numel() for layer in layers)  # ours is the sum of both
    assert count(PUBLISHED, 1000) == weights - second + table.weight.numel() + 1000


def test_the_number_of_weights_is_that_of_the_equations() -> None:
    # Four gates of each layer: one matrix for the input, one for the state, and a bias.
    layers = [4 * h * (n_in + h + 1) for n_in, h in ((400, 1152), (1152, 1152), (1152, 400))]
    assert layers == [7_156_224, 10_621_440, 2_484_800]
    # The vectors of words decode too, so that of the decoder only the bias is counted.
    assert count(PUBLISHED, 60_000) == sum(layers) + 60_000 * 400 + 60_000 == 44_322_464


def test_the_setting_that_goes_by_its_name_has_the_published_sizes() -> None:
    paper = AwdLstmParams(**AwdLstmParams.PRESETS["paper"])
    assert paper.architecture == PUBLISHED


@pytest.mark.parametrize(("layers", "widths"), [(1, (3, 3)), (2, (3, 5, 3)), (4, (3, 5, 5, 5, 3))])
def test_the_last_layer_is_as_wide_as_the_vectors(layers: int, widths: tuple[int, ...]) -> None:
    assert AwdLstmArchitecture(3, 5, layers).widths == widths


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_shapes_are_those_of_the_network(layers: int) -> None:
    sizes = AwdLstmArchitecture(3, 5, layers)
    network = AwdLstm(sizes, 7, Dropouts(0, 0, 0, 0, 0), torch.Generator())
    found: dict[str, Any] = {name: array.shape for name, array in network.tensors().items()}
    assert found | {"decoder.bias": (7,)} == sizes.shapes(7)
