"""Columns of the classes that have documents among those of all classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from newsdesk.types import Floats, Indices

__all__ = ["all_classes"]


def all_classes(
    weights: NDArray[np.floating],
    bias: NDArray[np.floating],
    present: Indices,
    n_classes: int,
) -> tuple[Floats, Floats]:
    """Give classes without training documents the least weight of all, feature by feature.

    They so score at most what the least likely class does, on its scale.

    Parameters
    ----------
    weights : NDArray[np.floating]
        Shape ``(n_features, len(present))``.
    bias : NDArray[np.floating]
        Shape ``(len(present),)``.
    present : Indices
        Class index of each column.
    n_classes : int
        Number of all classes.

    Returns
    -------
    tuple[Floats, Floats]
        Weights of shape ``(n_features, n_classes)``, C-contiguous, and bias ``(n_classes,)``.
    """
    placed = np.empty((len(weights), n_classes), dtype=np.float32)
    offset = np.full(n_classes, bias.min(), dtype=np.float32)
    placed[:] = weights.min(axis=1, keepdims=True)
    placed[:, present] = weights
    offset[present] = bias
    return placed, offset
