"""Products of 8-bit integers on processors that do not add them exactly.

x86 processors without VNNI multiply unsigned by signed bytes and add pairs of products in 16 bits,
where 2 · 255 · 127 does not fit: the sum is cut off, without a word (ONNX Runtime, "Quantize ONNX
models", "When and why do I need to try U8U8?"). Unsigned by unsigned bytes they add in 32 bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk import optional
from newsdesk.models.neural.encoders.packing import scale_name

__all__ = ["MIDDLE", "adds_exactly", "unsigned"]

MIDDLE = 128
"""What stands for zero among the unsigned integers of a weight, or of a token."""
_SIZE = 64


@cache
def adds_exactly() -> bool:
    """Ask the processor for a product of unsigned by signed bytes that 16 bits do not hold.

    Returns
    -------
    bool
        Whether it is right.

    Raises
    ------
    MissingExtraError
        If onnx or ONNX Runtime is not installed.
    """
    onnx = optional.load("onnx", extra="encoders")
    runtime = optional.load("onnxruntime", extra="encoders")
    helper, kinds = onnx.helper, onnx.TensorProto
    shape = [_SIZE, _SIZE]
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        "probe",
        [helper.make_tensor_value_info("x", kinds.UINT8, shape)],
        [helper.make_tensor_value_info("y", kinds.INT32, shape)],
        # A constant, because the runtime lays constants out for its fastest kernels.
        [onnx.numpy_helper.from_array(np.full(shape, 127, dtype=np.int8), "w")],
    )
    opset = helper.make_opsetid("", 20)
    model = helper.make_model(graph, ir_version=10, opset_imports=[opset])
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = runtime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, {"x": np.full(shape, 255, dtype=np.uint8)})
    return bool((found == _SIZE * 255 * 127).all())


def unsigned(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Move the signed weights of maps up by 128, so that none is below zero.

    Parameters
    ----------
    arrays : Mapping[str, NDArray[Any]]
        Tensors by name.

    Returns
    -------
    dict[str, NDArray[Any]]
        The same; `Nodes` knows what stands for zero in them.
    """
    moved = {
        name: array.view(np.uint8) ^ np.uint8(MIDDLE)
        for name, array in arrays.items()
        if array.dtype == np.int8 and name.endswith(".weight") and scale_name(name) in arrays
    }
    return {**arrays, **moved}
