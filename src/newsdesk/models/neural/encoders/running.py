"""An encoder ready to run, whichever library runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from newsdesk import optional
from newsdesk.features.sequences import Sequences
from newsdesk.models.neural.encoders.architecture import Architecture, Pooling
from newsdesk.models.neural.encoders.packing import Packed
from newsdesk.models.neural.encoders.runner import Runner
from newsdesk.types import Floats

__all__ = ["Running", "open_runner"]


class Running(Protocol):
    """An encoder ready to run."""

    def vectors(
        self, sequences: Sequences, done: Callable[[int], None] = lambda _done: None
    ) -> Floats:
        """Encode texts; see `Runner.vectors`."""
        ...


def open_runner(
    architecture: Architecture, pooling: Pooling, packed: Packed, *, normalise: bool
) -> Running:
    """Make an encoder ready to run by the library that its numbers are for.

    Parameters
    ----------
    architecture : Architecture
        Its shape.
    pooling : Pooling
        How states become a vector.
    packed : Packed
        Its tensors.
    normalise : bool
        Whether vectors get L2 norm 1.

    Returns
    -------
    Running
        In PyTorch for bfloat16, else in ONNX Runtime.

    Raises
    ------
    MissingExtraError
        If that library is not installed.
    """
    if packed["pieces"].dtype != np.uint16:
        return Runner(architecture, pooling, packed, normalise=normalise)
    optional.require("torch", extra="torch")
    from newsdesk.models.neural.encoders.torch_runner import TorchRunner

    return TorchRunner(architecture, pooling, packed, normalise=normalise)
