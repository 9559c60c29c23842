"""A graph of ONNX that grows node by node (the room of onnx).

In 8-bit integers, every token that goes into a map is rounded for itself: its largest number sets
its step ("token-wise quantization", Yao et al. 2022, "ZeroQuant", section 4.2). ONNX Runtime's
own dynamic quantization takes one step for the whole batch, by which a text's vector would depend
on its neighbours. Products are summed exactly, in 32-bit integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk import optional
from newsdesk.models.neural.encoders.architecture import Activation
from newsdesk.models.neural.encoders.integers import MIDDLE
from newsdesk.models.neural.encoders.packing import scale_name

__all__ = ["FLOOR", "INPUT", "OURS", "OUTPUT", "Nodes", "Rounded"]

INPUT = "ids"
OUTPUT = "vectors"
OURS = "com.microsoft"
"""Operators that ONNX Runtime has beyond the standard."""
FLOOR: dict[Activation, float] = {"gelu": 0.17, "gelu-tanh": 0.171, "relu": 0.0}
"""No activation falls lower below zero than this: tokens behind one are rounded from there on."""

_OPSET = 20  # the first with Gelu
_IR = 10
_LEAST = 1e-6
"""Smallest number that sets the step of a token."""


class Rounded(NamedTuple):
    """Tokens as a map takes them."""

    values: str
    """In floats, or in unsigned integers; shape ``(tokens, n_in)``."""
    step: str | None
    """Size of an integer step of each token, shape ``(tokens, 1)``; None for floats."""
    zero: int
    """The integer that stands for zero."""


class Nodes:
    """A graph that grows node by node; nodes are named by what they give.

    Between the nodes go the states of tokens, of all texts of the batch one below the other:
    shape ``(tokens, width)``.

    Parameters
    ----------
    arrays : Mapping[str, NDArray[Any]]
        Tensors that are handed to the runtime beside the graph, which names them and holds none.

    Raises
    ------
    MissingExtraError
        If onnx is not installed.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._onnx = optional.load("onnx", extra="encoders")
        self._nodes: list[Any] = []
        self._tensors = [self._named(name, array) for name, array in arrays.items()]
        self.names = frozenset(arrays)
        self._unsigned = {name for name, array in arrays.items() if array.dtype == np.uint8}

    def _named(self, name: str, array: NDArray[Any]) -> Any:  # noqa: ANN401  onnx is untyped
        kind = self._onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor = self._onnx.TensorProto(name=name, data_type=kind, dims=array.shape)
        tensor.data_location = self._onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="beside")
        return tensor

    def constant(self, value: Any, dtype: Any = np.float32) -> str:  # noqa: ANN401
        """Add numbers that stand in the graph itself.

        Parameters
        ----------
        value : Any
            A number, or nested lists of them.
        dtype : Any
            Their type in NumPy.

        Returns
        -------
        str
            The name.
        """
        name = f"constant.{len(self._tensors)}"
        array = np.asarray(value, dtype=dtype)
        self._tensors.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def whole(self, *values: int) -> str:
        """Add a list of whole numbers, as operators take sizes and axes.

        Parameters
        ----------
        *values : int
            The numbers.

        Returns
        -------
        str
            The name.
        """
        return self.constant(values, np.int64)

    def node(self, kind: str, *inputs: str, n: int = 1, domain: str = "", **settings: Any) -> Any:  # noqa: ANN401
        """Add a node.

        Parameters
        ----------
        kind : str
            The operator.
        *inputs : str
            Names of what it takes; empty where it takes nothing.
        n : int
            How many tensors it gives.
        domain : str
            Whose operator it is; empty for the standard's.
        **settings : Any
            Attributes of the operator.

        Returns
        -------
        Any
            The name of its output, or the names of its n outputs.
        """
        names = [f"{kind}.{len(self._nodes)}.{k}" for k in range(n)]
        node = self._onnx.helper.make_node(kind, inputs, names, domain=domain, **settings)
        self._nodes.append(node)
        return names[0] if n == 1 else names

    def floats(self, x: str) -> str:
        """Turn whole numbers into floats.

        Parameters
        ----------
        x : str
            The numbers.

        Returns
        -------
        str
            The same, as float32.
        """
        return str(self.node("Cast", x, to=self._onnx.TensorProto.FLOAT))

    def rounded(self, x: str, name: str, floor: float | None = None) -> Rounded:
        """Prepare tokens for maps: each is rounded for itself, if the map is in integers.

        Parameters
        ----------
        x : str
            Tokens, shape ``(tokens, n_in)``.
        name : str
            Of a map.
        floor : float | None
            How far below zero a number may lie at the most; None means any.

        Returns
        -------
        Rounded
            In 255 steps around zero; or in 256 from the floor on, where there is one, which the
            bias has to take back.
        """
        if scale_name(f"{name}.weight") not in self.names:
            return Rounded(x, None, 0)
        zeros: tuple[str, ...] = ()
        if floor is None:
            n_steps, zero, largest = 127.0, MIDDLE, self.node("Abs", x)
        else:
            x = largest = self.node("Add", x, self.constant(floor))
            n_steps, zero = 255.0, 0
        largest = self.node("ReduceMax", largest, self.whole(-1), keepdims=1)
        largest = self.node("Max", largest, self.constant(_LEAST))
        step = self.node("Mul", largest, self.constant(1 / n_steps))
        steps = self.node("Reshape", step, self.whole(-1))
        if zero:
            number = self.constant([zero], np.uint8)
            zeros = (self.node("Expand", number, self.node("Shape", steps)),)
        values = self.node("QuantizeLinear", x, steps, *zeros, axis=0)
        return Rounded(values, step, zero)

    def product(self, x: Rounded, name: str) -> str:
        """Multiply tokens by the weight of a map.

        Parameters
        ----------
        x : Rounded
            The tokens.
        name : str
            Of the map.

        Returns
        -------
        str
            Shape ``(tokens, n_out)``.
        """
        weight = f"{name}.weight"
        if x.step is None:
            return str(self.node("MatMul", x.values, weight))
        one, zero = self.constant(1.0), self.constant(x.zero, np.uint8)
        inputs = [x.values, weight, one, scale_name(weight), zero]
        if weight in self._unsigned:
            inputs.append(self.constant(MIDDLE, np.uint8))
        product = self.node("MatMulIntegerToFloat", *inputs, domain=OURS)
        return str(self.node("Mul", product, x.step))

    def map(self, x: str, name: str, floor: float | None = None) -> str:
        """Apply a map, with its bias if it has one.

        Parameters
        ----------
        x : str
            Tokens, shape ``(tokens, n_in)``.
        name : str
            Of the map.
        floor : float | None
            As `rounded` takes it.

        Returns
        -------
        str
            Shape ``(tokens, n_out)``.
        """
        product = self.product(self.rounded(x, name, floor), name)
        bias = f"{name}.bias"
        return str(self.node("Add", product, bias)) if bias in self.names else product

    def activated(self, x: str, activation: Activation) -> str:
        """Apply an activation.

        Parameters
        ----------
        x : str
            Numbers of any shape.
        activation : Activation
            Which.

        Returns
        -------
        str
            Of the same shape.
        """
        if activation == "relu":
            return str(self.node("Relu", x))
        exact = activation == "gelu"
        return str(self.node("Gelu", x, approximate="none" if exact else "tanh"))

    def normalised(self, x: str, name: str, epsilon: float) -> str:
        """Normalise each token.

        Parameters
        ----------
        x : str
            Tokens, shape ``(tokens, width)``.
        name : str
            Of the norm.
        epsilon : float
            Added to the variance.

        Returns
        -------
        str
            Of the same shape.
        """
        parts = [part for part in (f"{name}.weight", f"{name}.bias") if part in self.names]
        return str(self.node("LayerNormalization", x, *parts, axis=-1, epsilon=epsilon))

    def finished(self, x: str, width: int) -> bytes:
        """End the graph.

        Parameters
        ----------
        x : str
            Vectors of the texts.
        width : int
            Numbers of a vector.

        Returns
        -------
        bytes
            A model of ONNX.
        """
        helper, kinds = self._onnx.helper, self._onnx.TensorProto
        self._nodes.append(helper.make_node("Identity", [x], [OUTPUT]))
        ids = helper.make_tensor_value_info(INPUT, kinds.INT64, ["b", "t"])
        vectors = helper.make_tensor_value_info(OUTPUT, kinds.FLOAT, ["b", width])
        graph = helper.make_graph(self._nodes, "encoder", [ids], [vectors], self._tensors)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(OURS, 1)]
        model = helper.make_model(graph, opset_imports=opsets)
        model.ir_version = _IR
        return bytes(model.SerializeToString())
