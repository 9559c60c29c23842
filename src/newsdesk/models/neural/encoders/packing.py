"""The tensors of an encoder as they are kept in a bundle: floats, half floats or integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from newsdesk.models.neural.encoders.architecture import Architecture
from newsdesk.types import Floats

__all__ = [
    "MAPS",
    "Packed",
    "Precision",
    "expected",
    "halve",
    "pack",
    "quantise",
    "scale_name",
    "unhalve",
]

Precision = Literal["int8", "float32", "bfloat16"]
"""8-bit integers take a quarter of the room and less time, and change each vector a little.
bfloat16 is between them and floats in all three, on processors that multiply in it; it is run by
PyTorch, the others by ONNX Runtime."""
Packed = dict[str, NDArray[Any]]
"""Tensors by the names of `Architecture.shapes`; integers with their scales beside them, bfloat16
as its 16 bits."""

MAPS = ("qkv", "attended", "inner", "outer")
"""The affine maps of a layer: nearly all of its work."""
_LARGEST = 127
_ROUNDED: dict[Precision, type[np.generic]] = {
    "int8": np.int8,
    "float32": np.float32,
    "bfloat16": np.uint16,
}


def scale_name(name: str) -> str:
    """Name of the scales that stand beside integers.

    Parameters
    ----------
    name : str
        Of the tensor.

    Returns
    -------
    str
        Of its scales.
    """
    return name.removesuffix(".weight") + ".scale"


def quantise(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Round each row to 255 steps around zero.

    Parameters
    ----------
    weight : Floats
        Shape ``(n, m)``.

    Returns
    -------
    tuple[NDArray[np.int8], Floats]
        Integers of -127 to 127, shape ``(n, m)``, and the size of a step in each row, shape
        ``(n,)``: ``weight`` is about ``integers * step``, off by half a step at the most.

    Examples
    --------
    >>> integers, step = quantise(np.array([[0.5, -1.27, 0.004]], dtype=np.float32))
    >>> integers.tolist(), round(float(step[0]), 4)
    ([[50, -127, 0]], 0.01)
    """
    largest = np.abs(weight).max(axis=1)
    step = np.maximum(largest / _LARGEST, np.finfo(np.float32).tiny).astype(np.float32)
    return np.rint(weight / step[:, None]).astype(np.int8), step


def halve(array: Floats) -> NDArray[np.uint16]:
    """Round to bfloat16, the upper half of a float32: to the nearest, a tie to the even one.

    Parameters
    ----------
    array : Floats
        Finite numbers, of any shape.

    Returns
    -------
    NDArray[np.uint16]
        The bits, which are all that NumPy can hold of that type.

    Examples
    --------
    >>> unhalve(halve(np.array([1.0, 3.14159], dtype=np.float32))).tolist()
    [1.0, 3.140625]
    """
    bits = np.ascontiguousarray(array).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def unhalve(bits: NDArray[np.uint16]) -> Floats:
    """Widen bfloat16.

    Parameters
    ----------
    bits : NDArray[np.uint16]
        From `halve`.

    Returns
    -------
    Floats
        The same numbers.
    """
    return (bits.astype(np.uint32) << 16).view(np.float32)


def pack(tensors: Mapping[str, Floats], precision: Precision) -> Packed:
    """Turn an encoder's tensors into what is kept.

    The vectors of the pieces and the weights of the maps are rounded, to integers row by row; all
    else, a hundredth of the numbers, stays in floats.

    Parameters
    ----------
    tensors : Mapping[str, Floats]
        As `Architecture.shapes` names them.
    precision : Precision
        How they are kept.

    Returns
    -------
    Packed
        The tensors.
    """
    if precision == "float32":
        return dict(tensors)
    packed: Packed = {}
    for name, tensor in tensors.items():
        if _is_rounded(name) and precision == "bfloat16":
            packed[name] = halve(tensor)
        elif _is_rounded(name):
            packed[name], packed[scale_name(name)] = quantise(tensor)
        else:
            packed[name] = tensor
    return packed


def expected(
    architecture: Architecture, precision: Precision
) -> dict[str, tuple[type[np.generic], tuple[int | None, ...]]]:
    """Type and shape of each kept tensor, as `newsdesk.models.files.read_tensors` takes them.

    Parameters
    ----------
    architecture : Architecture
        The encoder's shape.
    precision : Precision
        How its tensors are kept.

    Returns
    -------
    dict[str, tuple[type[np.generic], tuple[int | None, ...]]]
        By name.
    """
    found: dict[str, tuple[type[np.generic], tuple[int | None, ...]]] = {}
    for name, shape in architecture.shapes.items():
        dtype = _ROUNDED[precision] if _is_rounded(name) else np.float32
        found[name] = dtype, shape
        if dtype is np.int8:
            found[scale_name(name)] = np.float32, shape[:1]
    return found


def _is_rounded(name: str) -> bool:
    *_, kind, part = f".{name}".split(".")
    return name == "pieces" or (part == "weight" and kind in MAPS)
