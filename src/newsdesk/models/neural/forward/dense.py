"""Dense layers: affine maps, and the head of them that ends every network."""

from __future__ import annotations

import numpy as np

from newsdesk.models.neural.forward import kernels
from newsdesk.models.neural.forward.tensors import Tensors
from newsdesk.types import Floats

__all__ = ["Dense", "Head"]


class Dense:
    """An affine map, its weights laid out for the compiled loop.

    Parameters
    ----------
    weight : Floats
        Shape ``(n_out, n_in)``.
    bias : Floats | None
        Shape ``(n_out,)``; None means zeros.
    """

    def __init__(self, weight: Floats, bias: Floats | None = None) -> None:
        # Copies of one layout, writable: for every other kind the loops would be compiled again.
        self.weights: Floats = np.array(weight.T, order="C")
        self.bias = np.zeros(len(weight), dtype=np.float32) if bias is None else np.array(bias)

    @property
    def n_out(self) -> int:
        """Number of outputs."""
        return len(self.bias)

    def apply(self, rows: Floats) -> Floats:
        """Map rows.

        Parameters
        ----------
        rows : Floats
            Shape ``(n, n_in)``, C-contiguous.

        Returns
        -------
        Floats
            Shape ``(n, n_out)``; a row depends on no other row.
        """
        result = np.empty((len(rows), self.n_out), dtype=np.float32)
        kernels.affine(rows, self.weights, self.bias, result)
        return result


class Head:
    """Hidden layers of rectified linear units, then the logits.

    Parameters
    ----------
    tensors : Tensors
        ``hidden.{k}.weight`` and ``hidden.{k}.bias`` for k = 0 …, ``output.weight`` and
        ``output.bias`` are taken from it.
    n_in : int
        Width of the pooled state.
    """

    def __init__(self, tensors: Tensors, n_in: int) -> None:
        names = [f"hidden.{k}" for k in range(len(tensors.numbers("hidden.", ".weight")))]
        self.layers: list[Dense] = []
        for name in [*names, "output"]:
            weight = tensors.take(f"{name}.weight", None, n_in)
            self.layers.append(Dense(weight, tensors.take(f"{name}.bias", len(weight))))
            n_in = len(weight)

    @property
    def n_classes(self) -> int:
        """Number of logits."""
        return self.layers[-1].n_out

    def logits(self, pooled: Floats) -> Floats:
        """Map pooled states to the logits of the classes.

        Parameters
        ----------
        pooled : Floats
            Shape ``(n, n_in)``.

        Returns
        -------
        Floats
            Shape ``(n, n_classes)``.
        """
        *hidden, output = self.layers
        for layer in hidden:
            pooled = np.maximum(layer.apply(pooled), 0)
        return output.apply(pooled)

    def slopes(self, pooled: Floats, index: int) -> Floats:
        """How fast a logit rises with each number of a pooled state.

        Parameters
        ----------
        pooled : Floats
            One state, shape ``(n_in,)``.
        index : int
            Class.

        Returns
        -------
        Floats
            Shape ``(n_in,)``.
        """
        *hidden, output = self.layers
        lit = []
        for layer in hidden:
            before = layer.apply(pooled[None])[0]
            lit.append(before > 0)
            pooled = np.maximum(before, 0)
        slopes: Floats = output.weights[:, index]
        for layer, on in zip(reversed(hidden), reversed(lit), strict=True):
            slopes = layer.weights @ (slopes * on)
        return slopes
