from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from newsdesk.models.neural.encoders.graph_arrays import arrays_of
from newsdesk.models.neural.encoders.kinds import ModernBert
from newsdesk.models.neural.encoders.packing import Precision, pack


def test_the_floor_of_the_activation_is_taken_back_by_the_bias(book: Any) -> None:
    packed = pack(book.tensors(), "int8")
    arrays = arrays_of(packed, book.architecture)
    floor = np.full(book.architecture.inner_width, 0.17)
    weight = packed["layer.1.outer.weight"] * packed["layer.1.outer.scale"][:, None]
    added = weight @ floor
    assert arrays["layer.1.outer.bias"] + added == pytest.approx(
        packed["layer.1.outer.bias"], abs=1e-5
    )


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_queries_keys_and_values_are_parted(precision: Precision, book: Any) -> None:
    packed = pack(book.tensors(), precision)
    arrays = arrays_of(packed, book.architecture)
    parts = [arrays[f"layer.0.{part}.weight"] for part in ("query", "key", "value")]
    assert np.array_equal(np.concatenate(parts, axis=1), packed["layer.0.qkv.weight"].T)
    assert all(part.flags.c_contiguous for part in parts)
    assert "layer.0.qkv.weight" not in arrays
    assert ("layer.0.key.scale" in arrays) == (precision == "int8")


def test_rotations_of_layers_that_are_not_there_are_left_out(book: Any) -> None:
    kind = ModernBert(160_000.0, 10_000.0, 8, (0, 1))
    architecture = replace(book.architecture, width=24, kind=kind)
    packed = pack(book.tensors(architecture), "float32")
    assert {"global.cos", "local.cos"} & set(arrays_of(packed, architecture)) == {"global.cos"}
    architecture = replace(architecture, kind=ModernBert(160_000.0, 10_000.0, 8, ()))
    assert {"global.cos", "local.cos"} & set(arrays_of(packed, architecture)) == {"local.cos"}


def test_what_is_kept_is_not_changed(reference: Any) -> None:
    packed = pack(reference.tensors, "int8")
    before = {name: array.copy() for name, array in packed.items()}
    arrays_of(packed, reference.architecture)
    assert packed.keys() == before.keys()
    assert all(np.array_equal(array, before[name]) for name, array in packed.items())
