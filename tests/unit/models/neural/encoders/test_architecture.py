from __future__ import annotations

import math

from newsdesk.models.neural.encoders.architecture import Architecture


def test_the_tensors_of_minilm_have_as_many_numbers_as_are_published() -> None:
    minilm = Architecture(6, 12, 384, 1536, 30522, 512)
    # 22,713,216 with the pooler (384 * 384 + 384) and both token types (2 * 384), which are not
    # tensors of ours.
    n_numbers = sum(math.prod(shape) for shape in minilm.shapes.values())
    assert n_numbers == 22_713_216 - (384 * 384 + 384) - 2 * 384


def test_every_layer_has_its_own_tensors() -> None:
    shapes = Architecture(3, 2, 8, 16, 50, 20).shapes
    assert sum(name.startswith("layer.2.") for name in shapes) == 12
    assert shapes["layer.2.qkv.weight"] == (24, 8)
    assert not any(name.startswith("layer.3.") for name in shapes)
