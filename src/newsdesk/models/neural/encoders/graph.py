"""An encoder as a graph that ONNX Runtime runs.

The graph is made here from an `Architecture`, so that no bundle holds one: what is read from a
bundle are arrays that are checked against known shapes, never something that is executed.

It takes texts of one length at a time. So it has no padding and no mask, and what a text gets does
not depend on the texts beside it.

In 8-bit integers, every token that goes into a map is rounded for itself: its largest number sets
its step ("token-wise quantization", Yao et al. 2022, "ZeroQuant", section 4.2). ONNX Runtime's
own dynamic quantization takes one step for the whole batch, by which a text's vector would depend
on its neighbours. Products are summed exactly, in 32-bit integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk import optional
from newsdesk.models.neural.encoders.architecture import Activation, Architecture, Pooling
from newsdesk.models.neural.encoders.packing import MAPS, Packed, scale_name

__all__ = ["INPUT", "OUTPUT", "arrays_of", "build"]

INPUT = "ids"
OUTPUT = "vectors"

_OPSET = 20  # the first with Gelu
_IR = 10
_OURS = "com.microsoft"
"""Operators that ONNX Runtime has beyond the standard."""
_ZERO = 128
"""What stands for zero among the unsigned integers of a rounded token."""
_LEAST = 1e-6
"""Smallest number that sets the step of a token."""
_FLOOR: dict[Activation, float] = {"gelu": 0.17, "gelu-tanh": 0.171, "relu": 0.0}
"""No activation falls lower below zero than this: tokens behind one are rounded from there on."""


def arrays_of(packed: Packed, architecture: Architecture) -> dict[str, NDArray[Any]]:
    """Lay an encoder's tensors out as the graph reads them.

    Parameters
    ----------
    packed : Packed
        The tensors as they are kept.
    architecture : Architecture
        The encoder's shape.

    Returns
    -------
    dict[str, NDArray[Any]]
        Weights of maps have the shape ``(n_in, n_out)`` here. Biases of maps whose inputs are
        rounded from a floor on hold what the floor adds to every output.
    """
    arrays = dict(packed)
    for number in range(architecture.n_layers):
        for kind in MAPS:
            name = f"layer.{number}.{kind}.weight"
            arrays[name] = np.ascontiguousarray(packed[name].T)
        outer = f"layer.{number}.outer"
        if scale_name(f"{outer}.weight") in packed:
            sums = packed[f"{outer}.weight"].sum(axis=1, dtype=np.int64)
            fallen = _FLOOR[architecture.activation] * sums * packed[f"{outer}.scale"]
            arrays[f"{outer}.bias"] = (packed[f"{outer}.bias"] - fallen).astype(np.float32)
    return arrays


def build(
    architecture: Architecture,
    pooling: Pooling,
    arrays: Mapping[str, NDArray[Any]],
    *,
    normalise: bool,
) -> bytes:
    """Make the graph.

    Parameters
    ----------
    architecture : Architecture
        The encoder's shape.
    pooling : Pooling
        How states become a vector.
    arrays : Mapping[str, NDArray[Any]]
        From `arrays_of`. The graph names them and holds none of them.
    normalise : bool
        Whether vectors get L2 norm 1.

    Returns
    -------
    bytes
        A model of ONNX. Its input `INPUT` are ids, int64 of shape ``(b, t)``; its output `OUTPUT`
        are vectors, float32 of shape ``(b, width)``.

    Raises
    ------
    MissingExtraError
        If onnx is not installed.
    """
    graph = _Graph(architecture, arrays)
    x = graph.embedded()
    for number in range(architecture.n_layers):
        x = graph.layer(x, f"layer.{number}")
    return graph.finished(graph.pooled(x, pooling, normalise=normalise))


class _Graph:
    """A graph that grows node by node; nodes are named by what they give."""

    def __init__(self, architecture: Architecture, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.onnx = optional.load("onnx", extra="encoders")
        self.architecture = architecture
        self.nodes: list[Any] = []
        self.tensors = [self._named(name, array) for name, array in arrays.items()]
        self.names = set(arrays)

    def _named(self, name: str, array: NDArray[Any]) -> Any:  # noqa: ANN401  onnx is untyped
        """Declare a tensor whose numbers are handed to the runtime beside the graph."""
        kind = self.onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor = self.onnx.TensorProto(name=name, data_type=kind, dims=array.shape)
        tensor.data_location = self.onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="beside")
        return tensor

    def constant(self, value: Any, dtype: Any = np.float32) -> str:  # noqa: ANN401
        name = f"constant.{len(self.tensors)}"
        array = np.asarray(value, dtype=dtype)
        self.tensors.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, *inputs: str, n: int = 1, domain: str = "", **settings: Any) -> Any:  # noqa: ANN401
        """Add a node; gives the name of its output, or the names of its n outputs."""
        names = [f"{kind}.{len(self.nodes)}.{k}" for k in range(n)]
        node = self.onnx.helper.make_node(kind, inputs, names, domain=domain, **settings)
        self.nodes.append(node)
        return names[0] if n == 1 else names

    def embedded(self) -> str:
        pieces = self.node("Gather", "pieces", INPUT)
        if scale_name("pieces") in self.names:
            step = self.node("Gather", scale_name("pieces"), INPUT)
            step = self.node("Unsqueeze", step, self.constant([-1], np.int64))
            pieces = self.node("Mul", self._float(pieces), step)
        length = self.node("Shape", INPUT, start=1, end=2)
        first = self.constant([0], np.int64)
        positions = self.node("Slice", "positions", first, length, first)
        return self.normalised(self.node("Add", pieces, positions), "norm")

    def layer(self, x: str, name: str) -> str:
        width = self.architecture.width
        sizes = self.constant([width] * 3, np.int64)
        qkv = self.node("Split", self.map(x, f"{name}.qkv"), sizes, n=3, axis=-1)
        heads = self.architecture.n_heads
        attended = self.node("MultiHeadAttention", *qkv, domain=_OURS, num_heads=heads)
        attended = self.map(attended, f"{name}.attended")
        x = self.normalised(self.node("Add", x, attended), f"{name}.attended_norm")
        inner = self.activated(self.map(x, f"{name}.inner"))
        outer = self.map(inner, f"{name}.outer", floor=_FLOOR[self.architecture.activation])
        return self.normalised(self.node("Add", x, outer), f"{name}.outer_norm")

    def map(self, x: str, name: str, floor: float | None = None) -> str:
        """An affine map, with its weights in floats or in integers."""
        scale = scale_name(f"{name}.weight")
        if scale not in self.names:
            product = self.node("MatMul", x, f"{name}.weight")
            return str(self.node("Add", product, f"{name}.bias"))
        rounded, step, zero = self._rounded(x) if floor is None else self._raised(x, floor)
        product = self.node(
            "MatMulIntegerToFloat",
            rounded,
            f"{name}.weight",
            self.constant(1.0),
            scale,
            self.constant(zero, np.uint8),
            domain=_OURS,
        )
        return str(self.node("Add", self.node("Mul", product, step), f"{name}.bias"))

    def _rounded(self, x: str) -> tuple[str, str, int]:
        """Round each token to 255 steps around zero."""
        largest = self._largest(self.node("Abs", x))
        largest = self.node("Max", largest, self.constant(_LEAST))
        steps = self.node("Div", self.constant(127.0), largest)
        step = self.node("Mul", largest, self.constant(1 / 127))
        # Turned into integers, positive numbers lose what stands behind the point.
        places = self.node("Add", self.node("Mul", x, steps), self.constant(_ZERO + 0.5))
        return self._bytes(places), step, _ZERO

    def _raised(self, x: str, floor: float) -> tuple[str, str, int]:
        """Round each token to 256 steps from the lowest number on that there can be."""
        raised = self.node("Add", x, self.constant(floor))
        largest = self.node("Max", self._largest(raised), self.constant(_LEAST))
        steps = self.node("Div", self.constant(255.0), largest)
        step = self.node("Mul", largest, self.constant(1 / 255))
        places = self.node("Add", self.node("Mul", raised, steps), self.constant(0.5))
        return self._bytes(places), step, 0

    def _largest(self, x: str) -> str:
        return str(self.node("ReduceMax", x, self.constant([-1], np.int64), keepdims=1))

    def _bytes(self, x: str) -> str:
        return str(self.node("Cast", x, to=self.onnx.TensorProto.UINT8))

    def _float(self, x: str) -> str:
        return str(self.node("Cast", x, to=self.onnx.TensorProto.FLOAT))

    def activated(self, x: str) -> str:
        if self.architecture.activation == "relu":
            return str(self.node("Relu", x))
        exact = self.architecture.activation == "gelu"
        return str(self.node("Gelu", x, approximate="none" if exact else "tanh"))

    def normalised(self, x: str, name: str) -> str:
        weight, bias = f"{name}.weight", f"{name}.bias"
        epsilon = self.architecture.epsilon
        return str(self.node("LayerNormalization", x, weight, bias, axis=-1, epsilon=epsilon))

    def pooled(self, x: str, pooling: Pooling, *, normalise: bool) -> str:
        if pooling == "mean":
            x = self.node("ReduceMean", x, self.constant([1], np.int64), keepdims=0)
        else:
            x = self.node("Gather", x, self.constant(0, np.int64), axis=1)
        if normalise:
            norm = self.node("ReduceL2", x, self.constant([-1], np.int64), keepdims=1)
            x = self.node("Div", x, self.node("Max", norm, self.constant(1e-12)))
        return x

    def finished(self, x: str) -> bytes:
        helper, kinds = self.onnx.helper, self.onnx.TensorProto
        self.nodes.append(helper.make_node("Identity", [x], [OUTPUT]))
        ids = helper.make_tensor_value_info(INPUT, kinds.INT64, ["b", "t"])
        shape = ["b", self.architecture.width]
        vectors = helper.make_tensor_value_info(OUTPUT, kinds.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "encoder", [ids], [vectors], self.tensors)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_OURS, 1)]
        model = helper.make_model(graph, opset_imports=opsets)
        model.ir_version = _IR
        return bytes(model.SerializeToString())
