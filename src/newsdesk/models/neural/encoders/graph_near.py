"""Attention to near tokens in the graph: parts of a long text, as texts of their own."""

from __future__ import annotations

import numpy as np

from newsdesk.models.neural.encoders.nodes import INPUT, Nodes

__all__ = ["Near"]

_FEWEST = 32
"""Queries of a part at least: products of fewer are no faster."""
_FAR = -1e30
"""Added to the score of a far token. What fills the last part up may be near to none, and would be
no number if this were infinite; nobody reads it, but it should not alarm anyone either."""


class Near:
    """Parts of texts: each has some queries, and all keys that are near to one of them.

    The scores of a text of n tokens take room and time for n times a few reaches, not for n * n. A
    short text is one part.

    Parameters
    ----------
    nodes : Nodes
        The graph.
    width : int
        Numbers per token.
    reach : int
        How many tokens to each side are seen.
    """

    def __init__(self, nodes: Nodes, width: int, reach: int) -> None:
        self._nodes, node, whole = nodes, nodes.node, nodes.whole
        self._width, one = whole(width), whole(1)
        self._length = node("Shape", INPUT, start=1, end=2)
        # A reach of keys stands on each side of four times as many queries: half as much again.
        n_queries = node("Min", self._length, whole(max(4 * reach, _FEWEST)))
        n_keys = node("Min", self._length, node("Add", n_queries, whole(2 * reach)))
        n_parts = node("Add", self._length, node("Sub", n_queries, one))
        n_parts = node("Div", n_parts, n_queries)
        firsts = node("Unsqueeze", node("Mul", self._counted(n_parts), n_queries), one)
        queries = node("Add", firsts, self._counted(n_queries))
        # No part begins before the text, or ends behind it.
        begins = node("Max", node("Sub", firsts, whole(reach)), whole(0))
        begins = node("Min", begins, node("Sub", self._length, n_keys))
        self._keys = node("Add", begins, self._counted(n_keys))

        n_texts, n_filled = node("Shape", INPUT, end=1), node("Mul", n_parts, n_queries)
        filling = node("Sub", n_filled, self._length)
        self._filling = self._listed(whole(0, 0, 0, 0), filling, whole(0))
        self._filled = self._listed(n_texts, n_filled, self._width)
        n_all = node("Mul", n_texts, n_parts)
        self._of_queries = self._listed(n_all, n_queries, self._width)
        self._of_keys = self._listed(n_all, n_keys, self._width)

        keys = node("Unsqueeze", self._keys, one)
        apart = node("Abs", node("Sub", node("Unsqueeze", queries, whole(2)), keys))
        near = node("LessOrEqual", apart, whole(reach))
        added = node("Where", near, nodes.constant(0.0), nodes.constant(_FAR))
        added = node("Expand", added, self._listed(n_texts, n_parts, n_queries, n_keys))
        scores = self._listed(n_all, one, n_queries, n_keys)
        self.added: str = node("Reshape", added, scores)
        """What is added to scores, shape ``(b * n_parts, 1, n_queries, n_keys)``."""

    def _counted(self, n: str) -> str:
        """Numbers from 0 to n - 1."""
        nodes = self._nodes
        zero, one = (nodes.constant(value, np.int64) for value in (0, 1))
        return str(nodes.node("Range", zero, nodes.node("Squeeze", n), one))

    def _listed(self, *sizes: str) -> str:
        return str(self._nodes.node("Concat", *sizes, axis=0))

    def queries(self, x: str) -> str:
        """Part queries; the last part is filled up.

        Parameters
        ----------
        x : str
            Shape ``(b, t, width)``.

        Returns
        -------
        str
            Shape ``(b * n_parts, n_queries, width)``.
        """
        filled = self._nodes.node("Pad", x, self._filling)
        return str(self._nodes.node("Reshape", filled, self._of_queries))

    def keys(self, x: str) -> str:
        """Deal keys or values to parts; some stand in several.

        Parameters
        ----------
        x : str
            Shape ``(b, t, width)``.

        Returns
        -------
        str
            Shape ``(b * n_parts, n_keys, width)``.
        """
        dealt = self._nodes.node("Gather", x, self._keys, axis=1)
        return str(self._nodes.node("Reshape", dealt, self._of_keys))

    def joined(self, x: str) -> str:
        """Put parts together again, without what fills up.

        Parameters
        ----------
        x : str
            Shape ``(b * n_parts * n_queries, width)``.

        Returns
        -------
        str
            Shape ``(b * t, width)``.
        """
        nodes = self._nodes
        x = nodes.node("Reshape", x, self._filled)
        x = nodes.node("Slice", x, nodes.whole(0), self._length, nodes.whole(1))
        return str(nodes.node("Reshape", x, self._listed(nodes.whole(-1), self._width)))
