from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsdesk.models import files
from newsdesk.models.neural.encoders.packing import (
    Precision,
    expected,
    halve,
    pack,
    quantise,
    scale_name,
    unhalve,
)


def test_integers_are_off_by_half_a_step_at_the_most() -> None:
    weight = np.random.default_rng(0).normal(size=(9, 50)).astype(np.float32)
    integers, step = quantise(weight)
    assert integers.dtype == np.int8
    assert np.abs(integers).max(axis=1).tolist() == [127] * 9
    off = np.abs(integers * step[:, None] - weight)
    assert (off <= step[:, None] * 0.5001).all()


def test_a_row_of_zeros_stays_zero() -> None:
    integers, step = quantise(np.zeros((2, 3), dtype=np.float32))
    assert not integers.any()
    assert (step > 0).all()
    assert np.isfinite(step).all()


def test_a_scale_is_named_after_its_tensor() -> None:
    assert scale_name("layer.0.qkv.weight") == "layer.0.qkv.scale"
    assert scale_name("pieces") == "pieces.scale"


@pytest.mark.parametrize("precision", ["int8", "float32", "bfloat16"])
def test_what_is_packed_is_what_is_expected_in_a_file(
    precision: Precision, tmp_path: Path, book: Any
) -> None:
    path = tmp_path / "encoder.safetensors"
    packed = pack(book.tensors(), precision)
    files.write_tensors(path, packed)
    read = files.read_tensors(path, expected(book.architecture, precision))
    assert all(np.array_equal(read[name], array) for name, array in packed.items())


def test_only_maps_and_pieces_are_rounded(book: Any) -> None:
    packed = pack(book.tensors(), "int8")
    rounded = {name for name, array in packed.items() if array.dtype == np.int8}
    maps = {f"layer.{k}.{kind}.weight" for k in (0, 1) for kind in ("qkv", "attended", "inner")}
    assert rounded == maps | {"layer.0.outer.weight", "layer.1.outer.weight", "pieces"}


def test_bfloat16_is_rounded_as_torch_rounds_it() -> None:
    import torch

    numbers = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32)
    numbers[0] = [0.0, -0.0, 1.0, 1.00390625, 1.01171875, 1e-30, -3e30]
    expected = torch.from_numpy(numbers).to(torch.bfloat16).float().numpy()
    assert np.array_equal(unhalve(halve(numbers)), expected)
