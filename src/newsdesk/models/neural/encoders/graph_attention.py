"""Attention in the graph: what each token takes over from the others of its text."""

from __future__ import annotations

from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.models.neural.encoders.nodes import INPUT, OURS, Nodes

__all__ = ["PARTS", "Attention"]

PARTS = ("query", "key", "value")
"""What map ``qkv`` is cut into: three products are as fast as one, and what they give need not be
parted."""


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
        width = nodes.whole(architecture.width)
        self._parted = nodes.node("Concat", nodes.node("Shape", INPUT), width, axis=0)
        self._joined = nodes.whole(-1, architecture.width)

    def apply(self, x: str, name: str) -> str:
        """Let tokens attend to each other.

        Parameters
        ----------
        x : str
            Tokens, shape ``(tokens, width)``.
        name : str
            Of the layer.

        Returns
        -------
        str
            What they take over, before map ``attended``; shape ``(tokens, width)``.
        """
        return self._attended(*self._products(x, name), bias=f"{name}.qkv.bias")

    def _products(self, x: str, name: str) -> list[str]:
        """Queries, keys and values without their biases, shape ``(b, t, width)``."""
        rounded = self.nodes.rounded(x, f"{name}.query")
        products = [self.nodes.product(rounded, f"{name}.{part}") for part in PARTS]
        return [self.nodes.node("Reshape", product, self._parted) for product in products]

    def _attended(
        self, query: str, key: str, value: str, *, bias: str = "", added: str = ""
    ) -> str:
        """Mix values; what is added to scores has the shape ``(1, heads, t, t)`` or its like."""
        heads = self.architecture.n_heads
        inputs = query, key, value, bias, "", added
        mixed = self.nodes.node("MultiHeadAttention", *inputs, domain=OURS, num_heads=heads)
        return str(self.nodes.node("Reshape", mixed, self._joined))
