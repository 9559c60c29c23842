"""Foreign arrays become float32 of the shape that is needed, or are refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import DataError
from newsdesk.types import Floats

__all__ = ["FETCH", "check_shape", "floats"]

FETCH = "Fetch the file again; if it is whole, it belongs to another model."
"""What to do about an array that is not as it should be."""


def check_shape(shape: tuple[int, ...], wanted: tuple[int, ...], where: str) -> None:
    """Refuse an array of another shape, before it is read.

    Parameters
    ----------
    shape : tuple[int, ...]
        Its shape.
    wanted : tuple[int, ...]
        The shape that is needed.
    where : str
        File and name of the array, for the error.

    Raises
    ------
    DataError
        If they differ.
    """
    if tuple(shape) != wanted:
        problem = f"{where} has the shape {tuple(shape)}, needed is {wanted}."
        raise DataError(problem, remedy=FETCH)


def floats(array: NDArray[Any], where: str) -> Floats:
    """Convert an array to float32.

    Parameters
    ----------
    array : NDArray[Any]
        Of floats of any size.
    where : str
        File and name of the array, for the error.

    Returns
    -------
    Floats
        Of the same shape.

    Raises
    ------
    DataError
        If it holds no floats, or one that is not finite in 32 bits.
    """
    if array.dtype.kind != "f":
        problem = f"{where} holds values of the type {array.dtype}, not floats."
        raise DataError(problem, remedy=FETCH)
    with np.errstate(over="ignore"):
        converted = np.asarray(array).astype(np.float32)
    if not np.isfinite(converted).all():
        problem = f"{where} holds a number that is not finite, or too large for 32 bits."
        raise DataError(problem, remedy="Fetch the file again; such a model cannot be used.")
    return converted
