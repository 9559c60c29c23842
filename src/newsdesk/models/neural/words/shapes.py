"""The tensors of networks on words, as they are saved."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Shapes", "head"]

Shapes = dict[str, tuple[int | None, ...]]
"""Shape of each tensor by name; None means any length."""


def head(n_in: int | None, hidden: Sequence[int], n_classes: int) -> Shapes:
    """Tensors of the dense layers.

    Parameters
    ----------
    n_in : int | None
        Size of the pooled state.
    hidden : Sequence[int]
        Units of each layer before the last.
    n_classes : int
        Number of outputs.

    Returns
    -------
    Shapes
        By name.
    """
    sizes = [n_in, *hidden]
    found: Shapes = {}
    for number, units in enumerate(hidden):
        found[f"hidden.{number}.weight"] = units, sizes[number]
        found[f"hidden.{number}.bias"] = (units,)
    return found | {"output.weight": (n_classes, sizes[-1]), "output.bias": (n_classes,)}
