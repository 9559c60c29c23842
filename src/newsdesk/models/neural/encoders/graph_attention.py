"""Attention in the graph: what each token takes over from the others of its text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.graph_arrays import PARTS
from newsdesk.models.neural.encoders.graph_near import Near
from newsdesk.models.neural.encoders.kinds import DebertaV2, ModernBert, MPNet
from newsdesk.models.neural.encoders.nodes import INPUT, OURS, Nodes

__all__ = ["Attention", "attention_of"]


class Attention:
    """Attention by queries and keys alone (Vaswani et al. 2017, section 3.2).

    Only here do texts part: tokens are of the shape ``(b, t, width)``.

    Parameters
    ----------
    nodes : Nodes
        The graph.
    architecture : Architecture
        The encoder's shape.
    """

    def __init__(self, nodes: Nodes, architecture: Architecture) -> None:
        self.nodes = nodes
        self.architecture = architecture
        self.n_tokens = nodes.node("Shape", INPUT, start=1, end=2)
        width = nodes.whole(architecture.width)
        self._parted = nodes.node("Concat", nodes.node("Shape", INPUT), width, axis=0)
        self._joined = nodes.whole(-1, architecture.width)

    def apply(self, x: str, number: int) -> str:
        """Let tokens attend to each other.

        Parameters
        ----------
        x : str
            Tokens, shape ``(tokens, width)``.
        number : int
            Of the layer.

        Returns
        -------
        str
            What they take over, before map ``attended``; shape ``(tokens, width)``.
        """
        name = self._name(number)
        return self._attended(self._products(x, name), f"{name}.qkv.bias")

    def _name(self, number: int) -> str:
        return f"layer.{self.architecture.own(number)}"

    def _products(self, x: str, name: str) -> list[str]:
        """Queries, keys and values without their biases, shape ``(b, t, width)``."""
        rounded = self.nodes.rounded(x, f"{name}.query")
        products = [self.nodes.product(rounded, f"{name}.{part}") for part in PARTS]
        return [self.nodes.node("Reshape", product, self._parted) for product in products]

    def _attended(
        self, products: Sequence[str], bias: str = "", added: str = "", scale: float | None = None
    ) -> str:
        """Mix values; what is added to the scores has the shape ``(1 or b, 1 or heads, t, t)``."""
        settings: dict[str, Any] = {"num_heads": self.architecture.n_heads, "domain": OURS}
        if scale is not None:
            settings["scale"] = scale
        inputs = *products, bias, "", added
        mixed = self.nodes.node("MultiHeadAttention", *inputs, **settings)
        return str(self.nodes.node("Reshape", mixed, self._joined))

    def _distances(self) -> str:
        """Distance of each key from each query, shape ``(t, t)``."""
        nodes = self.nodes
        n_tokens = nodes.node("Squeeze", self.n_tokens)
        one, nothing = nodes.constant(1, np.int64), nodes.constant(0, np.int64)
        keys = nodes.node("Range", nothing, n_tokens, one)
        return str(nodes.node("Sub", keys, nodes.node("Unsqueeze", keys, nodes.whole(1))))


class _Biased(Attention):
    """See `MPNet`. The runtime is handed a number for each head and distance."""

    def __init__(self, nodes: Nodes, architecture: Architecture) -> None:
        super().__init__(nodes, architecture)
        middle = nodes.constant(architecture.n_positions - 1, np.int64)
        places = nodes.node("Add", self._distances(), middle)
        added = nodes.node("Gather", "places.distances", places, axis=1)
        self._added = nodes.node("Unsqueeze", added, nodes.whole(0))

    def apply(self, x: str, number: int) -> str:
        name = self._name(number)
        return self._attended(self._products(x, name), f"{name}.qkv.bias", self._added)


class _Rotary(Attention):
    """See `ModernBert`."""

    def __init__(self, nodes: Nodes, architecture: Architecture) -> None:
        super().__init__(nodes, architecture)
        assert isinstance(architecture.kind, ModernBert)
        self._kind = architecture.kind
        self._first = nodes.whole(0)
        self._near = Near(nodes, architecture.width, self._kind.reach)

    def apply(self, x: str, number: int) -> str:
        query, key, value = self._products(x, self._name(number))
        whole = number in self._kind.global_layers
        tables = ("global.cos", "global.sin") if whole else ("local.cos", "local.sin")
        query, key = (self._rotated(part, tables) for part in (query, key))
        if whole:
            return self._attended([query, key, value])
        parts = self._near.queries(query), self._near.keys(key), self._near.keys(value)
        return self._near.joined(self._attended(parts, added=self._near.added))

    def _rotated(self, x: str, tables: tuple[str, str]) -> str:
        settings: dict[str, Any] = {"num_heads": self.architecture.n_heads, "domain": OURS}
        return str(self.nodes.node("RotaryEmbedding", x, self._first, *tables, **settings))


class _Disentangled(Attention):
    """See `DebertaV2`. The runtime is handed keys and queries of all distances, for each layer."""

    def __init__(self, nodes: Nodes, architecture: Architecture) -> None:
        super().__init__(nodes, architecture)
        # Of the distances that the tables number, 2t - 1 are there.
        furthest = nodes.node("Sub", self.n_tokens, nodes.whole(1))
        middle = nodes.whole(architecture.n_positions - 1)
        first, last = nodes.node("Sub", middle, furthest), nodes.node("Add", middle, self.n_tokens)
        self._rows = nodes.node("Slice", "buckets", first, last)
        places = nodes.node("Add", self._distances(), furthest)
        n_heads = architecture.n_heads
        ends = self.n_tokens, self.n_tokens
        texts = nodes.node("Shape", INPUT, end=1)
        shape = nodes.node("Concat", texts, nodes.whole(n_heads), *ends, axis=0)
        self._by_query = nodes.node("Expand", places, shape)
        self._by_key = nodes.node("Expand", nodes.node("Transpose", places, perm=[1, 0]), shape)
        self._heads = nodes.whole(0, 0, n_heads, -1)
        self._table = nodes.whole(-1, n_heads, architecture.width // n_heads)
        # Three scores are added up, so their spread is that of three times as wide heads.
        self._scale = (3 * architecture.width // n_heads) ** -0.5

    def apply(self, x: str, number: int) -> str:
        nodes, name = self.nodes, self._name(number)
        query, key, value = (
            nodes.node("Add", product, f"{name}.{part}.bias")
            for part, product in zip(PARTS, self._products(x, name), strict=True)
        )
        by_query = self._scores(query, f"{name}.distance_key", self._by_query)
        by_key = self._scores(key, f"{name}.distance_query", self._by_key)
        added = nodes.node("Add", by_query, nodes.node("Transpose", by_key, perm=[0, 1, 3, 2]))
        added = nodes.node("Mul", added, nodes.constant(self._scale))
        return self._attended([query, key, value], added=added, scale=self._scale)

    def _scores(self, x: str, table: str, places: str) -> str:
        """Score tokens with the distance to every other one, shape ``(b, heads, t, t)``."""
        nodes = self.nodes
        heads = nodes.node("Transpose", nodes.node("Reshape", x, self._heads), perm=[0, 2, 1, 3])
        rows = nodes.node("Reshape", nodes.node("Gather", table, self._rows), self._table)
        scores = nodes.node("MatMul", heads, nodes.node("Transpose", rows, perm=[1, 2, 0]))
        return str(nodes.node("GatherElements", scores, places, axis=3))


def attention_of(nodes: Nodes, architecture: Architecture) -> Attention:
    """Begin the attention of an encoder.

    Parameters
    ----------
    nodes : Nodes
        The graph; what all layers share is added to it.
    architecture : Architecture
        The encoder's shape.

    Returns
    -------
    Attention
        Adds that of a layer.
    """
    kinds: dict[type, type[Attention]] = {
        MPNet: _Biased,
        ModernBert: _Rotary,
        DebertaV2: _Disentangled,
    }
    return kinds.get(type(architecture.kind), Attention)(nodes, architecture)
