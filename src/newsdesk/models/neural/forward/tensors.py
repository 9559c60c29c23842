"""The tensors of a network, taken by name and checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.errors import BundleFormatError
from newsdesk.types import Floats

__all__ = ["Tensors"]

_REMEDY = "Train the bundle again, or fetch an intact copy."


class Tensors:
    """Tensors of which each must be taken once.

    Parameters
    ----------
    tensors : Mapping[str, NDArray[Any]]
        Arrays by name.
    """

    def __init__(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        self._left = dict(tensors)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str, *shape: int | None) -> Floats:
        """Take a tensor out.

        Parameters
        ----------
        name : str
            Its name.
        *shape : int | None
            Its shape; None means any length but 0.

        Returns
        -------
        Floats
            The tensor.

        Raises
        ------
        BundleFormatError
            If there is none of that name, or it is no float32 array of that shape.
        """
        if name not in self._left:
            raise BundleFormatError(f"The network lacks the tensor {name}.", remedy=_REMEDY)
        tensor = self._left.pop(name)
        fits = len(tensor.shape) == len(shape) and all(
            have > 0 and want in (None, have)
            for want, have in zip(shape, tensor.shape, strict=True)
        )
        if tensor.dtype != np.float32 or not fits:
            wanted = ", ".join("any" if length is None else str(length) for length in shape)
            problem = (
                f"The network's tensor {name} is {tensor.dtype} of shape {tensor.shape}, "
                f"expected is float32 of shape ({wanted})."
            )
            raise BundleFormatError(problem, remedy=_REMEDY)
        return tensor

    def length(self, name: str) -> int:
        """How long the first axis of a tensor is.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        int
            Its length; 0 where there is no such tensor.
        """
        shape = self._left[name].shape if name in self._left else ()
        return int(shape[0]) if shape else 0

    def numbers(self, before: str, after: str) -> list[int]:
        """Find the numbers between two parts of the names that are left.

        Parameters
        ----------
        before : str
            How the names begin.
        after : str
            How they end.

        Returns
        -------
        list[int]
            Rising.

        Examples
        --------
        >>> tensors = Tensors({"hidden.1.bias": np.zeros(1), "hidden.0.bias": np.zeros(1)})
        >>> tensors.numbers("hidden.", ".bias")
        [0, 1]
        """
        inner = [
            name[len(before) : len(name) - len(after)]
            for name in self._left
            if name.startswith(before) and name.endswith(after)
        ]
        return sorted(int(number) for number in inner if number.isdecimal() and number.isascii())

    def finish(self) -> None:
        """Make sure that none is left.

        Raises
        ------
        BundleFormatError
            If one is.
        """
        if self._left:
            problem = f"The network has tensors of no use to it: {', '.join(sorted(self._left))}."
            raise BundleFormatError(problem, remedy=_REMEDY)
