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
from newsdesk.models.neural.encoders.graph_attention import attention_of
from newsdesk.models.neural.encoders.kinds import ModernBert
from newsdesk.models.neural.encoders.nodes import FLOOR, INPUT, Nodes
from newsdesk.models.neural.encoders.packing import scale_name

__all__ = ["build"]


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
        From `newsdesk.models.neural.encoders.graph_arrays.arrays_of`. The graph names them and
        holds none of them.
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
    nodes = Nodes(arrays)
    gated = isinstance(architecture.kind, ModernBert)
    graph = (_PreNorm if gated else _PostNorm)(architecture, nodes)
    x = graph.embedded()
    for number in range(architecture.n_layers):
        x = graph.layer(x, number)
    return nodes.finished(graph.pooled(x, pooling, normalise=normalise), architecture.width)


class _PostNorm:
    """The parts of an encoder, each of which adds its nodes."""

    def __init__(self, architecture: Architecture, nodes: Nodes) -> None:
        self.architecture = architecture
        self.nodes = nodes
        self.attention = attention_of(nodes, architecture)

    def embedded(self) -> str:
        nodes, architecture = self.nodes, self.architecture
        x = nodes.node("Gather", "pieces", INPUT)
        if scale_name("pieces") in nodes.names:
            step = nodes.node("Gather", scale_name("pieces"), INPUT)
            step = nodes.node("Unsqueeze", step, nodes.whole(-1))
            x = nodes.node("Mul", nodes.floats(x), step)
        if architecture.has_positions:
            length = nodes.node("Shape", INPUT, start=1, end=2)
            first = nodes.whole(0)
            x = nodes.node("Add", x, nodes.node("Slice", "positions", first, length, first))
        x = nodes.node(
            "Reshape", x, nodes.whole(-1, architecture.piece_width or architecture.width)
        )
        x = self.normalised(x, "norm")
        return x if architecture.piece_width is None else nodes.map(x, "projection")

    def layer(self, x: str, number: int) -> str:
        nodes, activation = self.nodes, self.architecture.activation
        name = f"layer.{self.architecture.own(number)}"
        attended = nodes.map(self.attention.apply(x, number), f"{name}.attended")
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


class _PreNorm(_PostNorm):
    """Layers that normalise first, and gate what is activated; see `ModernBert`."""

    def layer(self, x: str, number: int) -> str:
        nodes, architecture = self.nodes, self.architecture
        name = f"layer.{architecture.own(number)}"
        read = self.normalised(x, f"{name}.qkv_norm") if number else x
        attended = nodes.map(self.attention.apply(read, number), f"{name}.attended")
        x = nodes.node("Add", x, attended)
        inner = nodes.map(self.normalised(x, f"{name}.inner_norm"), f"{name}.inner")
        sizes = nodes.whole(architecture.inner_width, architecture.inner_width)
        inner, gate = nodes.node("Split", inner, sizes, n=2, axis=-1)
        gated = nodes.node("Mul", nodes.activated(inner, architecture.activation), gate)
        x = nodes.node("Add", x, nodes.map(gated, f"{name}.outer"))
        last = number == architecture.n_layers - 1
        return self.normalised(x, f"{name}.final_norm") if last else x
