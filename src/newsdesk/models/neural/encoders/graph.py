"""An encoder as a graph that ONNX Runtime runs.

The graph is made here from an `Architecture`, so that no bundle holds one: what is read from a
bundle are arrays that are checked against known shapes, never something that is executed.

It takes texts of one length at a time. So it has no padding and no mask, and what a text gets does
not depend on the texts beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.graph_attention import PARTS, Attention
from newsdesk.models.neural.encoders.nodes import FLOOR, INPUT, Nodes
from newsdesk.models.neural.encoders.packing import MAPS, Packed, scale_name

__all__ = ["arrays_of", "build"]


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
        Weights of maps have the shape ``(n_in, n_out)`` here, and those of queries, keys and values
        are apart. Biases of maps whose inputs are rounded from a floor on hold what the floor adds
        to every output.
    """
    arrays = dict(packed)
    for number in range(architecture.n_layers):
        name = f"layer.{number}"
        for kind in MAPS:
            weight = f"{name}.{kind}.weight"
            arrays[weight] = np.ascontiguousarray(packed[weight].T)
        for kind in ("weight", "scale"):
            if f"{name}.qkv.{kind}" in packed:
                thirds = np.split(arrays.pop(f"{name}.qkv.{kind}"), 3, axis=-1)
                for part, third in zip(PARTS, thirds, strict=True):
                    arrays[f"{name}.{part}.{kind}"] = np.ascontiguousarray(third)
        outer = f"{name}.outer"
        if scale_name(f"{outer}.weight") in packed:
            sums = packed[f"{outer}.weight"].sum(axis=1, dtype=np.int64)
            fallen = FLOOR[architecture.activation] * sums * packed[f"{outer}.scale"]
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
    graph = _Graph(architecture, Nodes(arrays))
    x = graph.embedded()
    for number in range(architecture.n_layers):
        x = graph.layer(x, f"layer.{number}")
    return graph.nodes.finished(graph.pooled(x, pooling, normalise=normalise), architecture.width)


class _Graph:
    """The parts of an encoder, each of which adds its nodes."""

    def __init__(self, architecture: Architecture, nodes: Nodes) -> None:
        self.architecture = architecture
        self.nodes = nodes
        self._attention = Attention(nodes, architecture)

    def embedded(self) -> str:
        nodes = self.nodes
        pieces = nodes.node("Gather", "pieces", INPUT)
        if scale_name("pieces") in nodes.names:
            step = nodes.node("Gather", scale_name("pieces"), INPUT)
            step = nodes.node("Unsqueeze", step, nodes.whole(-1))
            pieces = nodes.node("Mul", nodes.floats(pieces), step)
        length = nodes.node("Shape", INPUT, start=1, end=2)
        first = nodes.whole(0)
        positions = nodes.node("Slice", "positions", first, length, first)
        x = nodes.node("Add", pieces, positions)
        x = nodes.node("Reshape", x, nodes.whole(-1, self.architecture.width))
        return self.normalised(x, "norm")

    def layer(self, x: str, name: str) -> str:
        nodes, activation = self.nodes, self.architecture.activation
        attended = nodes.map(self._attention.apply(x, name), f"{name}.attended")
        x = self.normalised(nodes.node("Add", x, attended), f"{name}.attended_norm")
        inner = nodes.activated(nodes.map(x, f"{name}.inner"), activation)
        outer = nodes.map(inner, f"{name}.outer", floor=FLOOR[activation])
        return self.normalised(nodes.node("Add", x, outer), f"{name}.outer_norm")

    def normalised(self, x: str, name: str) -> str:
        return self.nodes.normalised(x, name, self.architecture.epsilon)

    def pooled(self, x: str, pooling: Pooling, *, normalise: bool) -> str:
        nodes, width = self.nodes, self.architecture.width
        shape = nodes.node("Concat", nodes.node("Shape", INPUT), nodes.whole(width), axis=0)
        x = nodes.node("Reshape", x, shape)
        if pooling == "mean" and scale_name("pieces") in nodes.names:
            # ReduceMean adds the tokens of a single text in another order than those of several.
            # In floats products may do so too, but integers are promised to be exact.
            length = nodes.node("Shape", INPUT, start=1, end=2)
            share = nodes.node("Reciprocal", nodes.floats(length))
            ones = nodes.node("Concat", nodes.whole(1), length, axis=0)
            x = nodes.node("MatMul", nodes.node("Expand", share, ones), x)
            x = nodes.node("Squeeze", x, nodes.whole(1))
        elif pooling == "mean":
            x = nodes.node("ReduceMean", x, nodes.whole(1), keepdims=0)
        else:
            x = nodes.node("Gather", x, nodes.constant(0, np.int64), axis=1)
        if normalise:
            norm = nodes.node("ReduceL2", x, nodes.whole(-1), keepdims=1)
            x = nodes.node("Div", x, nodes.node("Max", norm, nodes.constant(1e-12)))
        return x
