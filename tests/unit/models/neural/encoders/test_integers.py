from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from newsdesk.models.neural.encoders import runner as running
from newsdesk.models.neural.encoders.integers import MIDDLE, adds_exactly, unsigned
from newsdesk.models.neural.encoders.packing import pack
from newsdesk.models.neural.encoders.runner import Runner

LENGTHS = [9, 1, 12]


def product(x: Any, weight: Any, zero: int) -> Any:
    """What the runtime says of a product of unsigned tokens by a constant weight."""
    helper, kinds = onnx.helper, onnx.TensorProto
    inputs = [
        onnx.numpy_helper.from_array(weight, "w"),
        onnx.numpy_helper.from_array(np.uint8(0), "x0"),
        onnx.numpy_helper.from_array(weight.dtype.type(zero), "w0"),
    ]
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w", "x0", "w0"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", kinds.UINT8, x.shape)],
        [helper.make_tensor_value_info("y", kinds.INT32, [len(x), weight.shape[1]])],
        inputs,
    )
    opset = helper.make_opsetid("", 20)
    model = helper.make_model(graph, ir_version=10, opset_imports=[opset])
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"x": x})[0]


@pytest.mark.parametrize("n", [1, 5, 64])
def test_unsigned_integers_are_added_exactly_on_every_processor(n: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(200, 256, (n, 96), dtype=np.uint8)
    weight = rng.choice(np.array([-127, 127], dtype=np.int8), (96, 48))
    exact = x.astype(np.int32) @ weight.astype(np.int32)
    moved = unsigned({"a.weight": weight, "a.scale": np.ones(48, np.float32)})["a.weight"]
    assert (product(x, moved, MIDDLE) == exact).all()


def test_a_processor_is_believed_when_its_sums_are_right() -> None:
    x = np.full((32, 64), 255, dtype=np.uint8)
    weight = np.full((64, 32), 127, dtype=np.int8)
    assert adds_exactly() == (product(x, weight, 0) == 64 * 255 * 127).all()


def test_weights_of_maps_alone_are_moved() -> None:
    weight = np.array([[-127, 0, 127]], dtype=np.int8)
    arrays = {
        "layer.0.outer.weight": weight,
        "layer.0.outer.scale": np.ones(3, np.float32),
        "pieces": weight,
        "pieces.scale": np.ones(1, np.float32),
        "norm.weight": np.ones(3, np.float32),
    }
    found = unsigned(arrays)
    assert found.pop("layer.0.outer.weight").tolist() == [[1, 128, 255]]
    assert all(found[name] is arrays[name] for name in found)
    assert weight.tolist() == [[-127, 0, 127]]


def test_vectors_do_not_depend_on_how_the_processor_adds(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, sequences = pack(book.tensors(), "int8"), book.sequences(LENGTHS)
    found = Runner(book.architecture, "mean", packed, normalise=True).vectors(sequences)
    monkeypatch.setattr(running, "adds_exactly", lambda: False)
    other = Runner(book.architecture, "mean", packed, normalise=True).vectors(sequences)
    assert (found == other).all()
